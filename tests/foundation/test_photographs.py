"""Images that are too large are refused, whatever the filters of warnings."""

import io
import warnings

import pytest
from PIL import Image

from foundation.photographs import open_image


@pytest.fixture
def file():
    file = io.BytesIO()
    Image.new("RGB", (10, 10)).save(file, "PNG")
    return io.BytesIO(file.getvalue())


@pytest.mark.parametrize("action", ["error", "ignore", "always"])
@pytest.mark.parametrize("limit", [99, 49])  # Pillow's error begins at twice the limit
def test_what_is_too_large_is_an_error(file, monkeypatch, action, limit):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with (
        warnings.catch_warnings(record=True, action=action),
        pytest.raises(Image.DecompressionBombError, match="decompression bomb"),
    ):
        open_image(file)


@pytest.mark.parametrize("limit", [100, None])
def test_what_is_not_is_opened(file, monkeypatch, limit):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with open_image(file) as image:
        assert image.size == (10, 10)
