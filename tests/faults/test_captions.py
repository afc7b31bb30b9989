"""Captions that are none, captions without end, and captions told as they are."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data_prep.flowers102_captions.captions_archive import _captions
from foundation.errors import InputError
from foundation.photographs import to_rgb
from skipthoughts.sentence_check import LONGEST, is_blank, sentences_of
from skipthoughts.text_files import read_groups, read_sentences
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import Vocabulary
from text_to_image import TextToImage
from text_to_image.generation import files
from text_to_image.generation.captions import read_captions
from text_to_image.generation.seeds import checked_seeds, parse_seeds
from text_to_image.pictures.grid import draw_grid

ROOT = Path(__file__).parents[2]
BLANK = ["", " \t ", "\u200b\u200d", "\0\0", "\ufeff", "\u2060 \u00ad", "\x1b\x07"]


@pytest.fixture(scope="module")
def packaged():
    return TextToImage.load()


def test_a_single_string_is_one_caption(packaged):
    images = packaged.generate("a red flower")
    assert images.shape == (1, 8, 64, 64, 3)
    same = packaged.generate(["a red flower"], seeds=range(8))
    np.testing.assert_array_equal(images, same)
    one = packaged.generate("a red flower", seeds=3)
    np.testing.assert_array_equal(one, images[:, 3:4])
    counted = packaged.generate("a red flower", seeds=np.array([3, 0]))
    np.testing.assert_array_equal(counted, images[:, [3, 0]])


def test_a_single_string_is_one_sentence(tiny_encoder):
    vectors = tiny_encoder.encode("a red flower")
    assert vectors.shape == (1, tiny_encoder.dim)
    np.testing.assert_array_equal(vectors[0], tiny_encoder.encode_one("a red flower"))


@pytest.mark.parametrize("wrong", [None, float("nan"), 7, b"a red flower", ["a"]])
def test_what_is_no_string_is_named(wrong, tiny_encoder, packaged):
    with pytest.raises(InputError, match=r"^line 2 \(index 1\): .* expected a sent"):
        tiny_encoder.encode(["a red flower", wrong])
    with pytest.raises(InputError, match=r"^caption 1: .* expected a sentence"):
        packaged.generate(["a red flower", wrong])


@pytest.mark.parametrize("wrong", [None, 7, b"a red flower"])
def test_what_is_no_list_is_named(wrong):
    with pytest.raises(InputError, match="captions are of type"):
        sentences_of(wrong)


@pytest.mark.parametrize(
    "seeds", ["0-7", b"0", [1.0], [True], [None], [-1], [2**62], [], ["1"], -1, None]
)
def test_what_is_no_seed_is_named(seeds):
    with pytest.raises(InputError, match=r"expected (whole numbers|at least)"):
        checked_seeds(seeds)


@pytest.mark.parametrize("text", BLANK)
def test_blankness_is_that_of_the_tokenizer(text, packaged, tmp_path):
    assert is_blank(text) and not tokenize(text)
    with pytest.raises(InputError, match=r"caption 0: .* has no words"):
        packaged.generate([text])
    path = tmp_path / "captions.txt"
    path.write_text(f"a red flower\n{text}\na blue flower\n", "utf-8")
    with pytest.raises(InputError, match="line 2 is empty"):
        read_captions(str(path))
    with pytest.raises(InputError, match=r"line 2: .* has no words"):
        read_sentences(path)
    assert read_groups(path) == [["a red flower"], ["a blue flower"]]
    assert _captions(f"a red flower\n{text}\n", "x") == ["a red flower"]


@pytest.mark.parametrize("text", ["?", "\u82b1", "\U0001f338", "a\0", "_"])
def test_what_is_read_is_not_blank(text):
    assert not is_blank(text) and tokenize(text)


def test_captions_have_an_end(tmp_path, packaged, tiny_encoder):
    longest, longer = "a" * LONGEST, "aa" + "red " * (LONGEST // 4)
    assert tiny_encoder.encode([longest]).shape == (1, tiny_encoder.dim)
    with pytest.raises(InputError, match=r"has 1,001 words; expected .* most 1,000"):
        tiny_encoder.encode("red, " * 500 + "red")
    path = tmp_path / "captions.txt"
    path.write_text(f"a red flower\n{longer}\n")
    name = f"characters; expected a sentence of at most {LONGEST:,}"
    for read in (read_captions, read_sentences, read_groups):
        with pytest.raises(InputError, match=f"line 2: .*{name}"):
            read(path)
    with pytest.raises(InputError, match=f"caption 0: .*{name}"):
        packaged.generate(longer)
    with pytest.raises(InputError, match=f"image.txt: .*{name}"):
        _captions(f"a red flower\n{longer}\n", "image.txt")


def test_ten_megabytes_without_a_line_end_are_quick(tmp_path):
    path = tmp_path / "captions.txt"
    path.write_text("flower " * 1_500_000)
    for read in (read_captions, read_sentences, read_groups):
        started = time.monotonic()
        with pytest.raises(InputError, match=r"line 1: 'flower .* has 10,\d+,\d+ char"):
            read(path)
        assert time.monotonic() - started < 20


@pytest.mark.skipif(os.name != "posix", reason="has no pipes in folders")
def test_what_has_no_end_is_not_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (str(pipe), "/dev/zero", str(tmp_path)):
        for read in (read_captions, lambda p: read_sentences(Path(p))):
            with pytest.raises(InputError, match=r"it is (a folder|no regular file)"):
                read(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a rosé flower".encode("latin-1"), r"byte 0xe9 at position 5 .*be cp1252"),
        ("a red flower\n\u201cblue\u201d".encode("cp1252"), r"0x93 .*line 2.*cp1252"),
        ("a red flower".encode("utf-16"), "byte 0xff at position 0 .*be utf-16"),
        ("a red flower".encode("utf-32"), "byte 0xff at position 0 .*be utf-32"),
        (b"a red \xff\x00\x81", r"byte 0xff at position 6 \(line 1\) .* as UTF-8$"),
    ],
)
def test_an_encoding_is_named_where_the_bytes_show_it(content, told, tmp_path):
    path = tmp_path / "captions.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        read_captions(str(path))


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("long-petaled", ["long", "petaled"]),
        ("it's", ["it"]),
        ("red-zebra", ["red"]),
        ("five-red-long", ["five-red-long"]),  # known as a whole
        ("zebra-quagga", ["zebra-quagga"]),
        ("long\u2019petaled", ["long", "petaled"]),
        ("red", ["red"]),
    ],
)
def test_compounds_are_read_in_parts(token, parts):
    words = ["<eos>", "UNK", "red", "long", "petaled", "it", "five-red-long"]
    assert Vocabulary(words).in_parts([token]) == parts


def test_a_compound_gives_the_vector_of_its_parts(tiny_encoder):
    one = tiny_encoder.encode_one
    np.testing.assert_array_equal(one("a red flower"), one("a red-flower"))
    np.testing.assert_array_equal(one("a flower"), one("a zebra-flower"))
    assert tiny_encoder.unknown_words("a red-flower, it's") == [",", "it's"]


def test_the_graph_reads_compounds_alike(tiny_encoder):
    import tensorflow as tf

    from skipthoughts.graph.encoder import GraphEncoder

    texts = ["a red-flower", "zebra-quagga", "a zebra-flower, it's", "red"]
    ours = GraphEncoder.of(tiny_encoder)(tf.constant(texts)).numpy()
    np.testing.assert_allclose(ours, tiny_encoder.encode(texts), atol=1e-5)


def test_seeds_count_once():
    assert parse_seeds("1,1,0-2,2") == [1, 0, 2]
    for text in ("0-99999999999", "0-9999,0-9999", "9" * 5000, "0-" + "9" * 30):
        with pytest.raises(InputError, match=r"^--seeds=.{1,60}: expected") as error:
            parse_seeds(text)
        assert len(str(error.value)) < 150


def test_a_directory_tells_of_earlier_calls(packaged, tmp_path):
    files.write_images(packaged, ["a red flower"], [0, 1], tmp_path)
    files.write_images(packaged, ["a blue flower"], [0], tmp_path)
    files.write_images(packaged, ["a red flower"], [1], tmp_path)
    (tmp_path / "000_a-red-flower_seed0000.png").unlink()
    files.write_images(packaged, ["a white flower"], [0], tmp_path)
    records = json.loads((tmp_path / "captions.json").read_text())
    assert [(r["caption"], r["seed"]) for r in records] == [
        ("a blue flower", 0),
        ("a red flower", 1),
        ("a white flower", 0),
    ]
    images = {path.name for path in tmp_path.glob("*.png")} - {"grid.png"}
    assert {record["file"] for record in records} == images


@pytest.mark.parametrize("content", ["", "{}", '[{"file": 1}]', "[1]", "[" * 100_000])
def test_another_file_of_records_is_left_alone(content, packaged, tmp_path):
    (tmp_path / "captions.json").write_text(content)
    with pytest.raises(InputError, match=r"captions\.json: cannot be read"):
        files.write_images(packaged, ["a red flower"], [0], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["captions.json"]
    assert (tmp_path / "captions.json").read_text() == content


def test_what_a_grid_leaves_out_is_said():
    assert files.grid_note(32, 16) == ""
    expected = " (the first 32 of 1,000 captions, 8 of 8 seeds)"
    assert files.grid_note(1000, 8) == expected


@pytest.mark.parametrize("text", ["\u4e2d", "\u0e01", "\U0001f338"])
def test_what_the_font_lacks_is_drawn_as_its_code(text):
    images = np.zeros((1, 8, 64, 64, 3), np.uint8)
    code = text.encode("ascii", "backslashreplace").decode()
    drawn, written = draw_grid(images, [text]), draw_grid(images, [code])
    assert drawn.tobytes() == written.tobytes()
    umlaut, escaped = draw_grid(images, ["\u00fc"]), draw_grid(images, ["\\xfc"])
    assert umlaut.tobytes() != escaped.tobytes()


@pytest.mark.parametrize(
    "pixels",
    [
        np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64),
        np.full((64, 64), 70_000, np.int32),
        np.full((64, 64), -3, np.int32),
        np.full((64, 64), 200, np.int32),
    ],
    ids=["float", "large", "negative", "small"],
)
def test_pixels_of_unknown_range_are_refused(pixels):
    with pytest.raises(ValueError, match="whose range is unknown"):
        to_rgb(Image.fromarray(pixels))


@pytest.mark.parametrize("caption", ["--caption=\u200b", f"--caption={'a ' * 500_000}"])
@pytest.mark.skipif(os.name != "posix", reason="Windows takes no such line")
def test_nothing_is_made_of_a_bad_caption(caption, tmp_path):
    # Linux hands over at most 128 KiB in one argument.
    arguments = [caption[:120_000], f"--outdir={tmp_path / 'images'}"]
    result = subprocess.run(
        [sys.executable, "generate.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: --caption") and len(line) < 250
    assert not (tmp_path / "images").exists()
