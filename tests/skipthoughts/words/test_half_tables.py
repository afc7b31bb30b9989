"""Encoders with tables of float16."""

import dataclasses

import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder
from skipthoughts.words.half_tables import half, save_with_half_tables

TEXTS = ["a red flower", "this flower has blue petals", "zebra"]


def test_what_is_written_is_what_is_returned(tiny_encoder, tmp_path):
    rounded = save_with_half_tables(tiny_encoder, tmp_path / "half")
    loaded = SkipThoughtEncoder.load(tmp_path / "half")
    assert loaded.id == rounded.id != tiny_encoder.id
    for text in TEXTS:
        np.testing.assert_array_equal(loaded.encode_one(text), rounded.encode_one(text))
        np.testing.assert_allclose(
            loaded.encode_one(text), tiny_encoder.encode_one(text), atol=2e-3
        )
    for part, original in zip(loaded.parts, tiny_encoder.parts, strict=True):
        assert part.words.dtype == np.float32
        # float16 keeps 11 binary digits, so rounding moves by at most one in 2^11.
        np.testing.assert_allclose(part.words, original.words, rtol=2**-11, atol=1e-7)
        table = np.load(tmp_path / "half" / f"{part.name}.words.npy")
        assert table.dtype == np.float16


def test_writing_it_again_changes_nothing(tiny_encoder, tmp_path):
    rounded = save_with_half_tables(tiny_encoder, tmp_path / "half")
    again = save_with_half_tables(rounded, tmp_path / "again")
    assert again.id == rounded.id
    again.save(tmp_path / "again")  # with tables of float32, the same encoder
    assert SkipThoughtEncoder.load(tmp_path / "again").id == rounded.id


def test_changed_table_of_float16_is_found_by_its_hash(tiny_encoder, tmp_path):
    save_with_half_tables(tiny_encoder, tmp_path / "half")
    path = tmp_path / "half" / "uni.words.npy"
    np.save(path, np.load(path) + np.float16(1))
    with pytest.raises(InputError, match="damaged, its sha256"):
        SkipThoughtEncoder.load(tmp_path / "half")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 65505, -1e9])
def test_what_does_not_fit_float16(tiny_encoder, tmp_path, value):
    part = tiny_encoder.parts[0]
    words = np.array(part.words)
    words[1, 2] = value
    broken = SkipThoughtEncoder(
        tiny_encoder.config,
        tiny_encoder.vocabulary,
        [dataclasses.replace(part, words=words), tiny_encoder.parts[1]],
    )
    with pytest.raises(InputError, match="does not fit float16"):
        save_with_half_tables(broken, tmp_path / "half")
    assert not (tmp_path / "half").exists()


def test_numbers_that_fit():
    numbers = np.array([[0.0, 1.0, -65504.0, 1 / 3]], np.float32)
    assert half(numbers).tolist() == [[0.0, 1.0, -65504.0, np.float16(1 / 3)]]
    assert half(np.zeros((0, 3), np.float32)).shape == (0, 3)


def test_other_directories_are_left_alone(tiny_encoder, tmp_path):
    (tmp_path / "holiday.jpg").write_text("dear")
    with pytest.raises(InputError, match=r"holiday\.jpg"):
        save_with_half_tables(tiny_encoder, tmp_path)
