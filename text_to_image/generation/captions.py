"""Reads captions that a user wrote to a file."""

from foundation.boundary import MEBIBYTE, read_text
from foundation.errors import InputError
from skipthoughts.sentence_check import fault_of, is_blank


def read_captions(path: str) -> list[str]:
    """Reads captions, one a line.

    Raises:
        InputError: no such file, not UTF-8, or a line that is blank or too long, by its
            number.
    """
    text = read_text(path, "a text file with one caption a line", 64 * MEBIBYTE)
    captions = [line.strip() for line in text.split("\n")]
    while captions and is_blank(captions[-1]):
        captions.pop()
    for number, caption in enumerate(captions, start=1):
        if is_blank(caption):
            raise InputError(
                f"{path}: line {number} is empty; expected a caption on every line"
            )
        if fault := fault_of(caption):
            raise InputError(f"{path}: line {number}: {fault}")
    if not captions:
        raise InputError(f"{path}: empty; expected one caption a line")
    return captions
