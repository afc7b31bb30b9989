"""The command line, run in processes of its own as a user runs it."""

import numpy as np
import pytest

from skipthoughts.encoder import SkipThoughtEncoder

CAPTIONS = "a red flower\nred petals\n\n\na blue flower\nthe petals are blue\n\n"


def errors(process):
    """The lines that are ours: TensorFlow logs to stderr, too."""
    return [x for x in process.stderr.splitlines() if x.startswith(("error", "Trace"))]


def test_train_then_encode(call, tmp_path):
    captions, sentences = tmp_path / "captions.txt", tmp_path / "sentences.txt"
    encoder, vectors = tmp_path / "encoder", tmp_path / "vectors.npy"
    captions.write_text(CAPTIONS)
    sentences.write_text("a red flower\na red zebra\n")
    small = ("--kind=uni", "--dim=8", "--word_dim=6", "--steps=2", "--batch_size=2")
    trained = call("train", f"--captions={captions}", f"--output={encoder}", *small)
    assert trained.returncode == 0, trained.stderr
    assert f"-m skipthoughts encode --encoder={encoder}" in trained.stdout
    to = (f"--encoder={encoder}", f"--input={sentences}", f"--output={vectors}")
    encoded = call("encode", *to)
    assert encoded.returncode == 0, encoded.stderr
    assert "1 of 2 sentences have words that the encoder does not know" in (
        encoded.stderr
    )
    expected = SkipThoughtEncoder.load(encoder).encode(["a red flower", "a red zebra"])
    actual = np.load(vectors, allow_pickle=False)
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, expected, atol=1e-6)
    sentences.write_text("a red flower\n\na red zebra\n")
    blank = call("encode", *to)
    assert blank.returncode == 1
    assert len(errors(blank)) == 1 and "line 2" in blank.stderr


@pytest.mark.slow
def test_triplets_begin_with_a_trained_encoder(call, tmp_path, tiny_encoder):
    start, output = tmp_path / "start", tmp_path / "triplet"
    tiny_encoder.save(start)
    (tmp_path / "captions.txt").write_text(CAPTIONS)
    (tmp_path / "classes.txt").write_text("red\nblue\n")
    trained = call(
        "train",
        "--objective=triplet",
        f"--captions={tmp_path}/captions.txt",
        f"--classes={tmp_path}/classes.txt",
        f"--start={start}",
        f"--output={output}",
        "--steps=2",
    )
    assert trained.returncode == 0, trained.stderr
    encoder = SkipThoughtEncoder.load(output)
    assert encoder.vocabulary.words == tiny_encoder.vocabulary.words
    assert encoder.id != tiny_encoder.id
    assert (tmp_path / "triplet.training" / "bi" / "tb").is_dir()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "no command"),
        (("fly",), "fly"),
        (("train", "--output=x"), "--captions"),
        (("encode", "--input=x"), "--encoder"),
        (("encode", "--encoder=x", "--steps=3"), "steps"),
        (("train", "--captions=none.txt", "--output=x"), "none.txt"),
    ],
)
def test_mistakes_are_one_line(call, arguments, named):
    process = call(*arguments)
    assert process.returncode == 1
    assert len(errors(process)) == 1 and named in errors(process)[0]
