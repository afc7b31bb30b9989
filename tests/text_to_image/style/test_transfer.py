"""Photographs are read as the data set's; a transfer generates every pair."""

import numpy as np
import pytest
from PIL import Image

from data_prep.images import decode
from foundation.errors import InputError
from text_to_image.models import StyleEncoder
from text_to_image.style.inversion import StyleReader
from text_to_image.style.transfer import read_style_image, transfer


def photograph(height=150, width=200):
    rng = np.random.default_rng(0)
    rough = rng.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC)


def center(image):
    """The center of an image of any size, by NumPy and Pillow."""
    pixels = np.asarray(image.resize((76, 76), Image.Resampling.BICUBIC))
    return pixels[6:70, 6:70]


def test_a_photograph_is_its_centre(tmp_path):
    path = tmp_path / "photo.png"
    photograph().save(path)
    image = read_style_image(path)
    assert (image.shape, image.dtype) == ((64, 64, 3), np.uint8)
    np.testing.assert_array_equal(image, center(photograph()))


def test_a_photograph_is_read_as_the_data_set(tmp_path):
    path = tmp_path / "photo.jpg"
    photograph(900, 700).save(path, quality=90)
    np.testing.assert_array_equal(
        read_style_image(path), decode(path.read_bytes())[6:70, 6:70]
    )


def test_a_turned_photograph_is_upright(tmp_path):
    path = tmp_path / "photo.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees, clockwise
    photograph().save(path, exif=exif)
    upright = photograph().transpose(Image.Transpose.ROTATE_270)
    np.testing.assert_array_equal(read_style_image(path), center(upright))


def test_transparency_and_sixteen_bits(tmp_path):
    path = tmp_path / "clear.png"
    Image.new("RGBA", (80, 80), (0, 0, 0, 0)).save(path)
    assert (read_style_image(path) == 255).all()
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((80, 80), 0x8000, np.uint16)).save(path)
    assert (read_style_image(path) == 128).all()


def test_what_is_not_a_photograph(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"--style_image=.*no such file.*photo.jpg"):
        read_style_image(tmp_path / "missing.jpg")
    path = tmp_path / "text.jpg"
    path.write_text("a red flower")
    with pytest.raises(InputError, match="not an image"):
        read_style_image(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_style_image(tmp_path)
    path = tmp_path / "photo.png"
    photograph().save(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match="cannot be read"):
        read_style_image(path)
    photograph().save(path)
    for pixels in (20_000, 10_000):  # beyond the limit, beyond twice the limit
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pixels)
        with pytest.raises(InputError, match=r"too large.*save it smaller"):
            read_style_image(path)


@pytest.fixture(scope="module")
def run(model):
    """A run whose images differ, and an untrained S for it."""
    return model, StyleReader(StyleEncoder("dcgan", width=4))


def test_transfer_generates_every_caption_in_every_style(run):
    model, reader = run
    rng = np.random.default_rng(1)
    photographs = rng.integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    captions = ["a red flower", "petals are blue", "this flower has white petals"]
    images = transfer(model, reader, photographs, captions)
    assert (images.shape, images.dtype) == ((2, 3, 64, 64, 3), np.uint8)
    styles, texts = reader.styles(photographs), model.embed(captions)
    for k in range(2):
        for c in range(3):
            by_hand = model.generate_from(styles[k : k + 1], texts[c : c + 1])[0]
            np.testing.assert_array_equal(images[k, c], by_hand)
    assert not np.array_equal(images[0, 0], images[1, 0])
    assert not np.array_equal(images[0, 0], images[0, 1])


def test_nothing_to_transfer(run):
    empty = np.zeros((0, 64, 64, 3), np.uint8)
    one = np.zeros((1, 64, 64, 3), np.uint8)
    with pytest.raises(InputError, match="0 style images and 1 captions"):
        transfer(*run, empty, ["a red flower"])
    with pytest.raises(InputError, match="1 style images and 0 captions"):
        transfer(*run, one, [])
