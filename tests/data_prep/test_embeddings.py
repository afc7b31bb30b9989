import json

import numpy as np
import pytest

from data_prep import embeddings
from data_prep.embeddings import mean_norm, write_embeddings
from foundation.errors import InputError

CAPTIONS = [f"flower {i}" for i in range(11)]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "captions.json").write_text(json.dumps(CAPTIONS))
    return tmp_path


class Constant:
    """An encoder whose vector of caption 7 is another one."""

    dim = 3

    def __init__(self, value):
        self.value = value

    def encode(self, texts, progress=False):
        odd = np.array([text == "flower 7" for text in texts])[:, None]
        return np.where(odd, self.value, 1.0).astype(np.float32).repeat(3, axis=1)


@pytest.mark.parametrize("rows", [3, 8192])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_row_is_the_vector_of_its_caption(
    folder, fake_encoder, monkeypatch, rows, dtype
):
    monkeypatch.setattr(embeddings, "_ROWS", rows)
    write_embeddings(folder, fake_encoder, dtype)
    vectors = np.load(folder / "embeddings.npy", allow_pickle=False)
    assert vectors.dtype == dtype
    expected = fake_encoder.encode(CAPTIONS).astype(dtype)
    np.testing.assert_array_equal(vectors, expected)
    np.save(folder / "expected.npy", expected)
    written = (folder / "embeddings.npy").read_bytes()
    assert written == (folder / "expected.npy").read_bytes()
    assert mean_norm(folder) == pytest.approx(1, abs=1e-3)


def test_mean_norm_is_over_every_row(folder, monkeypatch):
    monkeypatch.setattr(embeddings, "_ROWS", 4)
    write_embeddings(folder, Constant(12.0))
    assert mean_norm(folder) == pytest.approx(np.sqrt(3) * (10 + 12) / 11, rel=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_not_finite_is_refused_by_its_row(folder, monkeypatch, value):
    monkeypatch.setattr(embeddings, "_ROWS", 4)
    with pytest.raises(InputError, match=r"caption 7 \('flower 7'\).* not finite"):
        write_embeddings(folder, Constant(value))
    assert [path.name for path in folder.iterdir()] == ["captions.json"]


def test_a_vector_too_large_for_float16_is_refused(folder):
    with pytest.raises(InputError, match=r"caption 7 .* not finite in float16"):
        write_embeddings(folder, Constant(1e5))
    write_embeddings(folder, Constant(1e5), "float32")
