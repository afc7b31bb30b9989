import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from foundation import loop
from foundation.errors import InputError
from foundation.loop import fit
from skipthoughts.config import EncoderConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.part import Part
from skipthoughts.sentence_encoder import SentenceEncoder
from skipthoughts.training.skip_thought_model import SkipThoughtModel
from skipthoughts.training.skip_thoughts import (
    skip_thought_losses,
    train,
)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def keras_gru(inputs, state, kernel, recurrent, bias):
    """Keras's own gate order, with both of its biases: states after every word."""
    states = []
    for x in inputs:
        z_x, r_x, c_x = np.split(x @ kernel + bias[0], 3)
        z_h, r_h, c_h = np.split(state @ recurrent + bias[1], 3)
        z = sigmoid(z_x + z_h)
        candidate = np.tanh(c_x + sigmoid(r_x + r_h) * c_h)
        state = z * state + (1 - z) * candidate
        states.append(state)
    return np.array(states)


def negative_log_likelihood(model, decoder, state, sentence):
    """One sentence, without padding: the definition."""
    table = model.embedding.get_weights()[0].astype(np.float64)
    kernel, bias = model.output_layer.get_weights()
    targets = [*sentence, 0]
    before = np.concatenate([np.zeros((1, table.shape[1])), table[targets[:-1]]])
    # Eqs. 5-7: the sentence vector is read with every word.
    inputs = np.concatenate([before, np.tile(state, (len(targets), 1))], axis=1)
    states = keras_gru(inputs, state, *decoder.get_weights())
    logits = states @ kernel + bias
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return -log_p[np.arange(len(targets)), targets].sum()


def skip_thought_model(bidirectional):
    words = np.random.default_rng(1).normal(size=(9, 6)).astype("f4")
    return SkipThoughtModel(
        SentenceEncoder(6, 8, bidirectional), words, np.full(9, 1 / 9)
    )


def test_loss_is_the_definition_without_padding():
    rng = np.random.default_rng(0)
    model = skip_thought_model(bidirectional=False)
    for weight in model.trainable_variables:
        weight.assign(rng.normal(size=weight.shape) * 0.5)
    sentences = [[rng.integers(1, 9, n).tolist() for n in ns] for ns in
                 [(3, 5, 1), (1, 2, 4), (4, 1, 2)]]  # fmt: skip
    arrays = []
    for role in range(3):
        texts = [triplet[role] for triplet in sentences]
        rows = np.full((3, 6), 7 if role == 0 else 0, np.int32)
        for i, text in enumerate(texts):
            rows[i, : len(text)] = text
        arrays += [rows, np.array([len(text) for text in texts], np.int32)]
    actual = model(*map(tf.constant, arrays)).numpy()
    encoder = model.encoder
    for i, (centre, before, after) in enumerate(sentences):
        table = model.embedding.get_weights()[0]
        words = keras_gru(table[centre], np.zeros(8), *encoder.forward.get_weights())
        expected = negative_log_likelihood(
            model, model.previous_decoder, words[-1], before
        ) + negative_log_likelihood(model, model.next_decoder, words[-1], after)
        assert actual[i] == pytest.approx(expected, rel=1e-5)


def test_every_variable_is_trained():
    model = skip_thought_model(bidirectional=True)
    batch = [tf.constant([[2, 3, 4]]), tf.constant([3])] * 3
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(*batch))
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        assert np.abs(tf.convert_to_tensor(gradient).numpy()).max() > 0, variable.path


def test_killed_training_goes_on_to_the_bit(color_groups, tiny, tmp_path, monkeypatch):
    config = dataclasses.replace(tiny, encoder=EncoderConfig(dim=8, word_dim=6))
    straight = train(
        color_groups, dataclasses.replace(config, steps=30), progress=False
    )
    monkeypatch.setattr(loop, "_STEPS_PER_CHECKPOINT", 10)
    original = loop.Checkpoints.save

    def killed(self):
        original(self)
        if "bi" in self.directory.parts and int(self.step.value) == 20:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop.Checkpoints, "save", killed)
    wanted = dataclasses.replace(config, steps=30)
    with pytest.raises(KeyboardInterrupt):
        train(color_groups, wanted, progress=False, workdir=tmp_path)
    monkeypatch.setattr(loop.Checkpoints, "save", original)
    resumed = train(color_groups, wanted, progress=False, workdir=tmp_path)
    assert resumed.id == straight.id
    assert list(tmp_path.rglob("events.out.*"))


@pytest.mark.parametrize("change", ["texts", "seed"])
def test_workdir_of_another_training_is_refused(color_groups, tiny, tmp_path, change):
    train(color_groups, tiny, progress=False, workdir=tmp_path)
    groups = color_groups[1:] if change == "texts" else color_groups
    config = dataclasses.replace(tiny, seed=int(change == "seed"))
    with pytest.raises(InputError, match=f"another training: {change}"):
        train(groups, config, progress=False, workdir=tmp_path)


def test_word_vectors_of_a_file_are_begun_with(color_groups, tiny, tmp_path):
    """At a learning rate of next to nothing they are still there at the end."""
    known = ["flower", "one", "petals"]
    vectors = np.random.default_rng(0).normal(size=(3, 2))
    paths = tmp_path / "vectors.txt", tmp_path / "other.txt"
    for path, sign in zip(paths, (1, -2), strict=True):
        rows = zip(known, sign * vectors, strict=True)
        path.write_text("".join(f"{word} {x} {y}\n" for word, (x, y) in rows))
    still = dataclasses.replace(tiny, learning_rate=1e-9)
    workdir = tmp_path / "training"

    def trained_with(path):
        return train(color_groups, still, False, workdir=workdir, word_vectors=path)

    encoder = trained_with(paths[0])
    rows = encoder.parts[0].words[encoder.vocabulary.rows(known)]

    def sides(points):
        differences = points - np.roll(points, 1, axis=0)
        return np.linalg.norm(differences, axis=1)

    ratio = sides(rows) / sides(vectors)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-4)
    with pytest.raises(InputError, match="another training: texts"):
        trained_with(paths[1])


def test_training_is_repeatable(color_groups, tiny):
    assert (
        train(color_groups, tiny, progress=False).id
        == train(color_groups, tiny, progress=False).id
    )


def test_vectors_learn_what_the_neighbours_say(color_groups, tiny, read, triplets):
    config = dataclasses.replace(
        tiny,
        encoder=EncoderConfig(kind="uni", dim=32, word_dim=12),
        steps=400,
        learning_rate=1e-2,
    )
    source, vocabulary = triplets(color_groups)
    keras.utils.set_random_seed(0)
    part = Part.untrained("uni", config.encoder, len(vocabulary))
    model = SkipThoughtModel(part.model, part.words, source.word_frequencies)

    def likeness():
        """The mean cosine of two captions of one image, the mean of all taken off."""
        words = model.embedding.get_weights()[0]
        part = Part("uni", words, model.encoder)
        encoder = SkipThoughtEncoder(config.encoder, vocabulary, [part])
        vectors = encoder.encode([c for group in color_groups for c in group])
        vectors -= vectors.mean(0)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        images = vectors.reshape(len(color_groups), 4, -1)
        cosines = np.einsum("ctd,cud->ctu", images, images)
        return cosines[:, ~np.eye(4, dtype=bool)].mean()

    at_first = likeness()
    fit(
        model,
        lambda step: skip_thought_losses(model, source.batch(step)),
        config,
        "words",
        progress=False,
    )
    assert likeness() > at_first + 0.1

    # The neighbours are likelier given their own image than given another one.
    batch = source.batch(tf.constant(1000))
    image = {caption: i for i, group in enumerate(color_groups) for caption in group}
    images = np.array([image[caption] for caption in read(vocabulary, *batch[:2])])
    other = np.array([np.flatnonzero(images != i)[0] for i in images])
    centre = [tf.gather(array, other) for array in batch[:2]]
    own = model(*batch).numpy().mean()
    assert own < model(*centre, *batch[2:]).numpy().mean() - 1  # nats


def test_loss_that_is_not_finite_is_an_error(color_groups, tiny):
    config = dataclasses.replace(tiny, learning_rate=1e38, steps=20)
    with pytest.raises(InputError, match="--learning_rate"):
        train(color_groups, config, progress=False)


@pytest.mark.parametrize("groups", [[], [[]], [["", " \t"]]])
def test_no_captions_is_an_error(tiny, groups):
    with pytest.raises(InputError, match="no captions"):
        train(groups, tiny, progress=False)


@pytest.mark.parametrize(
    "change",
    [{"steps": 0}, {"batch_size": 0}, {"learning_rate": -1.0}, {"seed": -1},
     {"vocabulary_size": 1}, {"clip_norm": float("nan")}, {"max_length": 0}],
)  # fmt: skip
def test_impossible_values_are_refused_by_name(tiny, change):
    (name,) = change
    with pytest.raises(InputError, match=name):
        dataclasses.replace(tiny, **change)
