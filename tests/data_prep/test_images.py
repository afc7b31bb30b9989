import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data_prep.images import SIZE, decode

ORIGINALS = Path(__file__).parents[3] / "shared/data/oxford_flowers102/originals"
HEIGHT, WIDTH = 100, 240
RAMP = np.tile(np.linspace(0, 255, WIDTH), (HEIGHT, 1))


def encoded(image, file_format, **options):
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def gray(dtype=np.uint8):
    return Image.fromarray((RAMP * (257 if dtype == np.uint16 else 1)).astype(dtype))


def color():
    channels = [RAMP, RAMP / 2, 255 - RAMP]
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8))


def expected_ramp():
    """The mean of the ramp over each of the 76 columns of the result."""
    return (np.arange(SIZE) + 0.5) / SIZE * 255


@pytest.mark.parametrize(
    "content",
    [
        encoded(gray(), "JPEG", quality=95),
        encoded(gray(), "PNG"),
        encoded(gray().convert("LA"), "PNG"),
        encoded(gray(np.uint16), "PNG"),
        encoded(gray(np.uint16), "TIFF"),
    ],
    ids=["jpeg", "png", "alpha", "png16", "tiff16"],
)
def test_gray_of_any_depth_gives_three_equal_channels(content):
    image = decode(content)
    assert image.shape == (SIZE, SIZE, 3)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image[..., 0], image[..., 2])
    np.testing.assert_allclose(image[SIZE // 2, :, 0], expected_ramp(), atol=3)


@pytest.mark.parametrize(
    "content",
    [
        encoded(color(), "JPEG", quality=95),
        encoded(color().convert("CMYK"), "JPEG", quality=95),
        encoded(color().convert("RGBA"), "PNG"),
        encoded(color().quantize(256), "PNG"),
        encoded(color().quantize(256), "GIF"),
        encoded(color(), "WEBP", lossless=True),
    ],
    ids=["jpeg", "cmyk", "rgba", "palette", "gif", "webp"],
)
def test_color_in_any_mode_gives_the_same_picture(content):
    middle = decode(content)[SIZE // 2].astype(float)
    ramp = expected_ramp()
    expected = np.stack([ramp, ramp / 2, 255 - ramp], axis=-1)
    np.testing.assert_allclose(middle, expected, atol=8)


def test_exif_rotation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn 90 degrees clockwise to view
    turned = decode(encoded(gray(), "JPEG", quality=95, exif=exif))
    np.testing.assert_allclose(turned[:, SIZE // 2, 0], expected_ramp(), atol=3)


def test_transparency_becomes_white():
    clear = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    assert decode(encoded(clear, "PNG")).min() == 255
    palette = color().quantize(256)
    content = encoded(palette, "PNG", transparency=bytes(256))
    assert decode(content).min() == 255


def test_fine_stripes_are_averaged_and_not_sampled():
    stripes = np.zeros((1216, 1216), np.uint8)
    stripes[:, ::2] = 255
    for file_format in ("PNG", "JPEG"):
        image = decode(encoded(Image.fromarray(stripes), file_format))
        np.testing.assert_allclose(image, 127.5, atol=4)


def test_fast_jpeg_decoding_is_as_good_as_a_full_one():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (12, 12, 3)).astype(np.uint8)
    large = Image.fromarray(coarse).resize((900, 700), Image.Resampling.BICUBIC)
    difference = decode(encoded(large, "JPEG", quality=98)).astype(float) - decode(
        encoded(large, "PNG")
    )
    assert np.abs(difference).mean() < 2


def test_any_size_is_stretched_to_the_same():
    for size in ((1, 1), (10, 4000), (4000, 10), (76, 76)):
        content = encoded(Image.new("RGB", size, (9, 90, 200)), "PNG")
        assert (decode(content) == (9, 90, 200)).all()


def test_what_is_not_a_whole_picture_is_refused():
    whole = encoded(color(), "JPEG")
    for content in (whole[: len(whole) // 2], whole[:-20], whole[:-2]):
        with pytest.raises(ValueError, match="cannot be decoded"):
            decode(content)
    with pytest.raises(ValueError, match=r"\(empty file\)"):
        decode(b"")
    with pytest.raises(ValueError, match=r"\(not an image\)"):
        decode(b"<html>404</html>")


@pytest.mark.parametrize("size", [(10_000, 9_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_by_its_header(size):
    # The header alone claims the size: nothing that large is ever encoded here.
    content = bytearray(encoded(Image.new("1", (8, 8)), "BMP"))
    content[18:22] = size[0].to_bytes(4, "little")
    content[22:26] = size[1].to_bytes(4, "little")
    with pytest.raises(ValueError, match="decompression bomb"):
        decode(bytes(content))


def test_fast_decoding_of_real_photographs_is_as_good_as_a_full_one():
    paths = sorted(ORIGINALS.glob("*.jpg"))[:12]
    if not paths:
        pytest.skip("needs ../shared/data/oxford_flowers102 beside the repository")
    for path in paths:
        full = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.BICUBIC)
        difference = decode(path.read_bytes()).astype(float) - np.asarray(full)
        assert np.abs(difference).mean() < 2.5, path.name
