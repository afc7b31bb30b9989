import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from foundation.checkpoints import Checkpoints
from foundation.errors import InputError
from skipthoughts.config import EncoderConfig, TrainingConfig
from skipthoughts.measures.decoding import _distinct, load_model, neighbour_gap
from skipthoughts.part import Part, make_model
from skipthoughts.training.skip_thought_model import SkipThoughtModel
from skipthoughts.training.skip_thoughts import train
from skipthoughts.training.triples import CaptionTriples, ProseTriples
from skipthoughts.words.random_cycle import random_cycle

COLORS = ["red", "blue", "white", "pink"]
GROUPS = [
    [f"a {c} flower", f"this one has {c} petals", f"{c} petals", f"it is {c}"]
    for c in COLORS
]
CONFIG = TrainingConfig(
    encoder=EncoderConfig(kind="uni", dim=32, word_dim=12),
    steps=150,
    batch_size=32,
    learning_rate=2e-2,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    workdir = tmp_path_factory.mktemp("decoding")
    return train(GROUPS, CONFIG, progress=False, workdir=workdir), workdir


def captions(vocabulary, **values):
    tokens = [[caption.split() for caption in group] for group in GROUPS]
    return CaptionTriples(tokens, vocabulary, dataclasses.replace(CONFIG, **values))


def untrained(vocabulary, workdir):
    keras.utils.set_random_seed(1)
    part = Part.untrained("uni", CONFIG.encoder, len(vocabulary))
    model = SkipThoughtModel(
        part.model, part.words, captions(vocabulary).word_frequencies
    )
    step = keras.Variable(0, dtype="int32", trainable=False, name="step")
    objects = {"model": model, "step": step}
    Checkpoints(workdir / "uni" / "checkpoints", objects, step).save()
    return part


def test_what_was_trained_tells_the_neighbours_apart_and_random_weights_do_not(
    trained, tmp_path
):
    encoder, workdir = trained
    source = captions(encoder.vocabulary)
    gap = neighbour_gap(workdir, encoder.parts[0], source, 99, progress=False)
    assert gap.sentences == 16 and gap.step == 150  # each text once
    assert gap.gap == pytest.approx(gap.other - gap.own)
    assert gap.gap > 0.1 and gap.gap > 3 * gap.standard_error > 0
    assert gap.standard_error == pytest.approx(gap.standard_deviation / 4)
    assert gap.positive > 0.7
    part = untrained(encoder.vocabulary, tmp_path)
    none = neighbour_gap(tmp_path, part, source, 99, progress=False)
    assert abs(none.gap) < 0.02
    assert none.own > gap.own + 0.5


def test_the_gap_is_the_definition_one_sentence_at_a_time(trained):
    encoder, workdir = trained
    source = captions(encoder.vocabulary)
    gap = neighbour_gap(workdir, encoder.parts[0], source, 9, seed=3, progress=False)
    model, _ = load_model(workdir, encoder.parts[0])
    arrays = _distinct(source, 9)
    following = random_cycle(9, 3)
    own, other = [], []
    for i in range(9):
        triple = [array[i : i + 1] for array in arrays]
        stranger = [array[following[i]][None] for array in arrays[:2]]
        words = triple[3] + triple[5] + 2
        own.append((model(*map(tf.constant, triple)) / words).numpy().item())
        given = [*stranger, *triple[2:]]
        other.append((model(*map(tf.constant, given)) / words).numpy().item())
    assert gap.own == pytest.approx(np.mean(own), rel=1e-5)
    assert gap.other == pytest.approx(np.mean(other), rel=1e-5)
    gaps = np.array(other) - own
    assert gap.standard_error == pytest.approx(gaps.std(ddof=1) / 3, rel=1e-4)
    assert gap.positive == np.mean(gaps > 0)


@pytest.mark.parametrize("count", [2, 3, 10])
def test_no_sentence_keeps_its_own_vector(count):
    for seed in range(20):
        following = random_cycle(count, seed)
        assert (following != np.arange(count)).all()
        assert sorted(following) == list(range(count))


def test_sentences_are_different_and_of_the_number_asked_for(trained):
    encoder, _ = trained
    arrays = _distinct(captions(encoder.vocabulary, batch_size=4), 10)
    texts = {tuple(r[:n]) for r, n in zip(*arrays[:2], strict=True)}
    assert len(texts) == 10 and {len(array) for array in arrays} == {10}


def test_prose_is_measured_too(trained):
    encoder, workdir = trained
    document = [caption.split() for group in GROUPS for caption in group]
    source = ProseTriples([document], encoder.vocabulary, CONFIG)
    gap = neighbour_gap(workdir, encoder.parts[0], source, 50, progress=False)
    assert gap.sentences == 14  # all but the first and the last


def test_the_encoder_stays_as_it_is(trained):
    encoder, workdir = trained
    part = encoder.parts[0]
    before = part.model.get_weights()
    model, _ = load_model(workdir, part)
    assert model.encoder is not part.model
    for a, b, c in zip(
        before, part.model.get_weights(), model.encoder.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)  # the checkpoint is of its end


def test_a_workdir_of_another_training_is_refused(trained, tmp_path):
    encoder, workdir = trained
    source = captions(encoder.vocabulary)
    with pytest.raises(InputError, match="no checkpoint"):
        neighbour_gap(tmp_path, encoder.parts[0], source, 9)
    larger = Part.untrained("uni", CONFIG.encoder, len(encoder.vocabulary) + 1)
    with pytest.raises(InputError, match="no decoders of this encoder"):
        neighbour_gap(workdir, larger, source, 9)
    other = Part("uni", encoder.parts[0].words + 1, make_model("uni", CONFIG.encoder))
    with pytest.raises(InputError, match="other word vectors"):
        neighbour_gap(workdir, other, source, 9)


def test_one_sentence_is_too_few(trained):
    encoder, workdir = trained
    source = CaptionTriples([[["red"]]], encoder.vocabulary, CONFIG)
    with pytest.raises(InputError, match="1 different sentences"):
        neighbour_gap(workdir, encoder.parts[0], source, 9)


def test_the_command_measures_an_encoder_with_its_training(trained, tmp_path):
    encoder, workdir = trained
    encoder.save(tmp_path / "encoder")
    text, results = tmp_path / "captions.txt", tmp_path / "results.jsonl"
    text.write_text("\n\n".join("\n".join(group) for group in GROUPS) + "\n")
    arguments = [
        "decoding",
        f"--encoder={tmp_path / 'encoder'}",
        f"--workdir={workdir}",
        f"--captions={text}",
        f"--json={results}",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "skipthoughts", "evaluate", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(results.read_text())
    assert found["parts"]["uni"]["sentences"] == 16 and found["max_length"] == 30
    assert found["parts"]["uni"]["gap"] > 0.1
    assert f"{found['parts']['uni']['gap']:.4f}" in done.stdout
