import io
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from data_prep import images
from data_prep.images import SIZE, decode, decode_all

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


@pytest.mark.parametrize(
    ("tail", "whole"),
    [
        (b"", True),
        (b"what a camera appends", True),
        (b"\xff\xda another scan without an end", False),
    ],
)
def test_the_end_marker_must_follow_the_last_scan(tail, whole):
    content = encoded(color(), "JPEG") + tail
    if whole:
        np.testing.assert_array_equal(decode(content), decode(encoded(color(), "JPEG")))
    else:
        with pytest.raises(ValueError, match="JPEG file is truncated"):
            decode(content)


def bomb(width, height):
    """A file whose header claims a size: nothing that large is ever encoded here."""
    content = bytearray(encoded(Image.new("1", (8, 8)), "BMP"))
    content[18:22] = width.to_bytes(4, "little")
    content[22:26] = height.to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize("size", [(10_000, 9_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_by_its_header(size):
    with pytest.raises(ValueError, match="decompression bomb"):
        decode(bomb(*size))


def pictures(count):
    """JPEG files of many sizes, some gray, some turned."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = rng.integers(0, 256, (5, 6, 3)).astype(np.uint8)
        size = (90 + 37 * i % 500, 80 + 53 * i % 600)
        picture = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
        exif = Image.Exif()
        if i % 3 == 0:
            exif[0x0112] = 1 + i % 8
        mode = "L" if i % 5 == 0 else "RGB"
        yield encoded(picture.convert(mode), "JPEG", exif=exif)


def decoded_plainly(content):
    """The same image by Pillow's documented steps, each giving a new image."""
    image = Image.open(io.BytesIO(content))
    image.draft("RGB", (114, 114))
    image = ImageOps.exif_transpose(image).convert("RGB")
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("workers", [1, 3, None])
def test_all_are_decoded_in_order_with_errors_in_their_places(workers):
    contents = list(pictures(50))
    contents[3], contents[20], contents[49] = b"", b"<html>", bomb(10_000, 9_000)
    results = list(decode_all(iter(contents), workers))
    assert len(results) == len(contents)
    for i, (content, result) in enumerate(zip(contents, results, strict=True)):
        if i in (3, 20, 49):
            with pytest.raises(ValueError, match="cannot be decoded") as error:
                decode(content)
            assert isinstance(result, ValueError)
            assert str(result) == str(error.value)
        else:
            np.testing.assert_array_equal(result, decoded_plainly(content))


def test_none_are_decoded_to_none():
    assert list(decode_all([])) == []


def test_contents_are_read_only_a_little_ahead():
    content = encoded(gray(), "JPEG")
    read = 0

    def contents():
        nonlocal read
        for _ in range(300):
            read += 1
            yield content

    ahead = [read - i for i, _ in enumerate(decode_all(contents(), workers=2))]
    assert read == 300
    assert max(ahead) <= 5 * images._CHUNK


def test_as_many_are_decoded_at_a_time_as_there_are_workers(monkeypatch):
    together = threading.Barrier(3)  # breaks unless three threads come to it

    def decode_together(content):
        together.wait(timeout=20)
        return np.zeros(3)

    monkeypatch.setattr(images, "decode", decode_together)
    results = list(decode_all([b""] * 6 * images._CHUNK, workers=3))
    assert not any(isinstance(result, Exception) for result in results)


def test_the_filters_of_warnings_are_as_before():
    before = list(warnings.filters)
    list(decode_all(pictures(20), workers=3))
    unfinished = decode_all(pictures(20), workers=3)
    next(unfinished)
    unfinished.close()
    assert warnings.filters == before


def test_fast_decoding_of_real_photographs_is_as_good_as_a_full_one():
    paths = sorted(ORIGINALS.glob("*.jpg"))[:12]
    if not paths:
        pytest.skip("needs ../shared/data/oxford_flowers102 next to the repository")
    differences = []
    for path in paths:
        full = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.BICUBIC)
        difference = decode(path.read_bytes()).astype(float) - np.asarray(full)
        differences.append(np.abs(difference).mean())
    assert np.mean(differences) < 2
    assert np.max(differences) < 6  # of 255: fine leaves all over
