"""The font of images: DejaVu Sans, which Matplotlib brings along."""

import importlib.util
from functools import cache
from pathlib import Path

from PIL import ImageFont

_NOWHERE = "\U0010ffff"  # in no font: drawn as what stands for all that it lacks


@cache
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """Returns the font in a size in pixels; it has Latin, Greek, Cyrillic and more."""
    # Without importing it, which takes long.
    package = importlib.util.find_spec("matplotlib")
    assert package is not None and package.origin is not None
    path = Path(package.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf"
    return ImageFont.truetype(str(path), size)


def drawable(text: str) -> str:
    r"""Returns a text as it can be drawn.

    What cannot be printed becomes a space, and a character that the font lacks its
    code, as `\u4e2d`.
    """
    return "".join(map(_drawn, text))


@cache
def _drawn(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    if not character.isprintable():
        return " "
    font = load_font(16)
    if bytes(font.getmask(character)) != bytes(font.getmask(_NOWHERE)):
        return character
    return character.encode("ascii", "backslashreplace").decode()
