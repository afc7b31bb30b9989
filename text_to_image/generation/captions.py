"""Reads captions that a user wrote to a file."""

from foundation.errors import InputError


def read_captions(path: str) -> list[str]:
    """Reads captions, one a line.

    Raises:
        InputError: no such file, not UTF-8, or an empty line, by its number.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            captions = [line.strip() for line in file.read().split("\n")]
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a text file with one "
            "caption a line"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start} is not UTF-8; expected UTF-8 text. Convert it "
            f"with: iconv -f latin1 -t utf-8 {path}"
        ) from error
    while captions and not captions[-1]:
        captions.pop()
    for number, caption in enumerate(captions, start=1):
        if not caption:
            raise InputError(
                f"{path}: line {number} is empty; expected a caption on every line"
            )
    if not captions:
        raise InputError(f"{path}: empty; expected one caption a line")
    return captions
