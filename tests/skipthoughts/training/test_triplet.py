import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation import loop
from foundation.errors import InputError
from skipthoughts.config import EncoderConfig, TripletConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.training.triplet import (
    TripletBatches,
    numbered,
    train_triplet,
    triplet_losses,
)
from skipthoughts.vocabulary import Vocabulary

COLORS = ["red", "blue", "white", "pink"]
IMAGES = [
    [f"a {c} {n} flower", f"this {n} one has {c} petals", f"{c} {n} petals"]
    for c in COLORS
    for n in ("large", "small")
]
LABELS = [c for c in COLORS for _ in range(2)]
TINY = TripletConfig(
    encoder=EncoderConfig(kind="uni", dim=8, word_dim=6), steps=4, batch_size=4
)


def unit(array):
    return array / np.linalg.norm(array, axis=1, keepdims=True)


def loop_losses(anchors, positives, classes, margin):
    """The definition, one pair after the other."""
    losses = []
    for i, anchor in enumerate(anchors):
        own = ((anchor - positives[i]) ** 2).sum()
        others = [
            ((anchor - positives[j]) ** 2).sum()
            for j in range(len(anchors))
            if classes[j] != classes[i]
        ]
        if not others:
            losses.append(0.0)
            continue
        farther = [d for d in others if d > own]
        chosen = min(farther) if farther else max(others)
        losses.append(max(0.0, own - chosen + margin))
    return np.array(losses)


def random_pairs(seed, size, classes):
    rng = np.random.default_rng(seed)
    anchors = unit(rng.normal(size=(size, 4)))
    positives = unit(anchors + rng.normal(size=(size, 4)))
    return anchors, positives, rng.integers(0, classes, size)


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 9), classes=st.integers(1, 4))
def test_losses_are_the_definition(seed, size, classes):
    arrays = random_pairs(seed, size, classes)
    actual = triplet_losses(*map(tf.constant, arrays), 0.3).numpy()
    np.testing.assert_allclose(actual, loop_losses(*arrays, 0.3), atol=1e-12)


def test_the_negative_is_semi_hard_else_the_farthest():
    def at(degrees):
        return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]

    def distance(degrees):
        return 2 - 2 * np.cos(np.radians(degrees))

    anchors = np.array([at(0)] * 4)
    # Negatives of the first pair at 20 (too near), 50 (semi-hard) and 90 degrees. The
    # third has its positive farther than any other: the farthest, at 50, is taken.
    positives = np.array([at(40), at(20), at(90), at(50)])
    losses = triplet_losses(
        *map(tf.constant, (anchors, positives, np.array([0, 1, 2, 3]))), 1.0
    ).numpy()
    assert losses[0] == pytest.approx(distance(40) - distance(50) + 1)
    assert losses[2] == pytest.approx(distance(90) - distance(50) + 1)
    # Of the same class: the one at 50 is no negative of the first any more.
    losses = triplet_losses(
        *map(tf.constant, (anchors, positives, np.array([0, 1, 2, 0]))), 2.0
    ).numpy()
    assert losses[0] == pytest.approx(distance(40) - distance(90) + 2)


def test_gradients_are_finite_differences():
    arrays = random_pairs(5, 6, 3)
    anchors, positives, classes = map(tf.constant, arrays)
    with tf.GradientTape() as tape:
        tape.watch([anchors, positives])
        total = tf.reduce_sum(triplet_losses(anchors, positives, classes, 0.3))
    assert total > 0
    gradients = tape.gradient(total, [anchors, positives])

    # By the inner product that the code uses: equal on the sphere, not next to it.
    def value(a, p):
        return tf.reduce_sum(triplet_losses(a, p, classes, 0.3)).numpy()

    for which, gradient in enumerate(gradients):
        assert np.abs(gradient).max() > 0
        for index in np.ndindex(*gradient.shape):
            moved = [[arrays[0].copy(), arrays[1].copy()] for _ in range(2)]
            moved[0][which][index] += 1e-6
            moved[1][which][index] -= 1e-6
            slope = (value(*moved[0]) - value(*moved[1])) / 2e-6
            assert gradient.numpy()[index] == pytest.approx(slope, abs=1e-5)


def test_without_another_class_nothing_is_learnt():
    anchors, positives, _ = random_pairs(0, 4, 1)
    a = tf.constant(anchors)
    with tf.GradientTape() as tape:
        tape.watch(a)
        losses = triplet_losses(a, tf.constant(positives), tf.zeros(4, tf.int32), 0.2)
    assert not losses.numpy().any()
    assert not tape.gradient(losses, a).numpy().any()


def batches(images, labels, **values):
    tokens = [[caption.split() for caption in image] for image in images]
    vocabulary = Vocabulary.of((t for image in tokens for t in image), 100)
    config = dataclasses.replace(TINY, batch_size=64, **values)
    return TripletBatches(tokens, labels, vocabulary, config), vocabulary


def read(vocabulary, rows, lengths):
    return [
        " ".join(vocabulary.words[row] for row in line[:length])
        for line, length in zip(rows.numpy(), lengths.numpy(), strict=True)
    ]


def test_pairs_are_of_one_image_and_classes_are_its():
    labels = [None, *LABELS[1:]]
    source, vocabulary = batches(IMAGES, labels)
    image = {caption: i for i, group in enumerate(IMAGES) for caption in group}
    numbers = numbered(labels)
    seen = set()
    for step in range(4):
        rows, lengths, classes = source.batch(tf.constant(step))
        texts = read(vocabulary, rows, lengths)
        for a, p, number in zip(texts[:64], texts[64:], classes.numpy(), strict=True):
            assert image[a] == image[p]
            assert a != p
            assert numbers[image[a]] == number
            seen.add((a, p))
    # Every ordered pair of every image with a class, and none of the one without.
    assert len(seen) == 7 * 6


def test_a_lone_caption_is_its_own_positive_and_empty_images_are_left_out():
    images = [["a lone flower"], [], ["one red", "two red"]]
    source, vocabulary = batches(images, [0, 1, 2])
    rows, lengths, classes = source.batch(tf.constant(0))
    texts = read(vocabulary, rows, lengths)
    pairs = set(zip(texts[:64], texts[64:], classes.numpy().tolist(), strict=True))
    assert pairs == {
        ("a lone flower", "a lone flower", 0),
        ("one red", "two red", 2),
        ("two red", "one red", 2),
    }


def test_batches_are_a_function_of_seed_and_step():
    (a, _), (b, _), (c, _) = (batches(IMAGES, LABELS, seed=seed) for seed in (0, 0, 1))
    b.batch(tf.constant(0))  # has no effect on step 5

    def rows(source, step):
        return source.batch(tf.constant(step))[0].numpy().tolist()

    assert rows(a, 5) == rows(b, 5)
    assert rows(a, 5) != rows(a, 6)
    assert rows(a, 5) != rows(c, 5)


def test_the_end_of_a_sentence_is_read_where_the_encoder_reads_it():
    encoder = dataclasses.replace(TINY.encoder, use_eos=True)
    source, vocabulary = batches([["a b c"], ["d"]], [0, 1], encoder=encoder)
    rows, lengths, _ = source.batch(tf.constant(0))
    assert set(read(vocabulary, rows, lengths)) == {"a b c <eos>", "d <eos>"}


def likeness(encoder):
    """Mean cosine of captions of one image, less that of captions of two classes."""
    vectors = encoder.encode([c for image in IMAGES for c in image])
    cosines = vectors @ vectors.T / len(encoder.parts)
    image = np.repeat(np.arange(len(IMAGES)), 3)
    label = np.repeat(numbered(LABELS), 3)
    same = (image[:, None] == image) & ~np.eye(len(image), dtype=bool)
    return cosines[same].mean() - cosines[label[:, None] != label].mean()


def test_training_pulls_the_captions_of_an_image_together():
    config = dataclasses.replace(
        TINY,
        encoder=EncoderConfig(dim=16, word_dim=8),
        steps=60,
        batch_size=16,
        learning_rate=1e-2,
    )
    before = random_start(config.encoder)
    after = train_triplet(IMAGES, LABELS, config, progress=False)
    assert likeness(before) < 0.1
    assert likeness(after) > likeness(before) + 0.3
    norms = np.linalg.norm(after.encode(["a red flower"]).reshape(2, 16), axis=1)
    np.testing.assert_allclose(norms, 1, rtol=1e-6)


def random_start(config):
    words = sorted(
        {word for image in IMAGES for text in image for word in text.split()}
    )
    return SkipThoughtEncoder.untrained(config, Vocabulary(["<eos>", "UNK", *words]))


def test_training_on_top_of_an_encoder_leaves_it_as_it_is(tmp_path):
    config = dataclasses.replace(TINY, vocabulary_size=5, learning_rate=1e-6)
    start = random_start(config.encoder)
    known = start.encode(["a red flower"])
    start.save(tmp_path / "start")
    trained = train_triplet(IMAGES, LABELS, config, progress=False, start=start)
    assert trained.vocabulary.words == start.vocabulary.words
    # Near where it began, and not there: other weights would give anything.
    change = np.abs(trained.encode(["a red flower"]) - known).max()
    assert 1e-6 < change < 0.02
    again = SkipThoughtEncoder.load(tmp_path / "start")
    np.testing.assert_array_equal(again.encode(["a red flower"]), known)
    np.testing.assert_array_equal(start.encode(["a red flower"]), known)
    trained.save(tmp_path / "trained")
    assert SkipThoughtEncoder.load(tmp_path / "trained").id == trained.id


def test_killed_training_goes_on_to_the_bit(tmp_path, monkeypatch):
    config = dataclasses.replace(TINY, steps=30)
    straight = train_triplet(IMAGES, LABELS, config, progress=False)
    monkeypatch.setattr(loop, "_STEPS_PER_CHECKPOINT", 10)
    original = loop.Checkpoints.save

    def killed(self):
        original(self)
        if int(self.step.value) == 20:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop.Checkpoints, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        train_triplet(IMAGES, LABELS, config, False, tmp_path)
    monkeypatch.setattr(loop.Checkpoints, "save", original)
    resumed = train_triplet(IMAGES, LABELS, config, False, tmp_path)
    assert resumed.id == straight.id
    with pytest.raises(InputError, match="another training"):
        train_triplet(IMAGES, LABELS[1:] + LABELS[:1], config, False, tmp_path)
    with pytest.raises(InputError, match="another training"):
        train_triplet(IMAGES, LABELS, config, False, tmp_path, start=straight)


@pytest.mark.parametrize(
    ("labels", "match"),
    [(["a"] * 8, "two classes"), ([None] * 7 + ["a"], "two classes"), ([0, 1], "8")],
)
def test_impossible_classes_are_refused(labels, match):
    with pytest.raises(InputError, match=match):
        train_triplet(IMAGES, labels, TINY, progress=False)


def test_a_start_of_another_configuration_is_refused():
    start = random_start(EncoderConfig(kind="bi", dim=8, word_dim=6))
    with pytest.raises(InputError, match=r"kind='bi'.*kind='uni'"):
        train_triplet(IMAGES, LABELS, TINY, progress=False, start=start)


@pytest.mark.parametrize(
    "change", [{"margin": 0.0}, {"margin": float("nan")}, {"batch_size": 1},
               {"steps": 0}],
)  # fmt: skip
def test_impossible_values_are_refused_by_name(change):
    (name,) = change
    with pytest.raises(InputError, match=name):
        dataclasses.replace(TINY, **change)
