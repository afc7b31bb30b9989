"""Reads word vectors: GloVe text, word2vec text and word2vec binary.

In: a file of any of the three, perhaps gzipped, told apart by its content. Out: blocks
of words and their vectors, so that the file may be larger than memory.
"""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn, cast

import numpy as np

from foundation.boundary import open_regular, reading
from foundation.errors import InputError

_LONGEST = 1 << 20  # bytes of a line, or of a vector; what is longer is no word vector
_LONGEST_WORD = 1 << 12  # bytes; GloVe 840B has some of 1,000
_FORMATS = (
    "GloVe text, word2vec text or word2vec binary, perhaps gzipped; "
    "an archive of several files must be unpacked first"
)
_Row = tuple[str, np.ndarray]


def read_word_vectors(
    path: str | Path, block: int = 4096
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yields the words of a file and their vectors, in its order.

    GloVe text is a word and d numbers a line; word2vec text has a line of the number
    of words and d before that; word2vec binary has the same line, then each word, a
    space, and d little-endian float32. Words of a text file may hold spaces. Bytes
    that are not UTF-8, as in words that word2vec cut off, become U+FFFD.

    Args:
        path: the file; named in any way.
        block: the most words at a time.

    Yields:
        n words, not empty, and their finite float32 `[n, d]`; n is `block` but for
        the last.

    Raises:
        InputError: the file cannot be read, or a line or row of it, by its number.
    """
    path = Path(path)
    with reading(path, _FORMATS), _open(path) as file:
        words: list[str] = []
        vectors: list[np.ndarray] = []
        for word, vector in _rows(file, path):
            words.append(word)
            vectors.append(vector)
            if len(words) == block:
                yield words, np.stack(vectors)
                words, vectors = [], []
        if words:
            yield words, np.stack(vectors)


def _open(path: Path) -> IO[bytes]:
    with open_regular(path) as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    if not gzipped:
        return open_regular(path)
    # A buffer in C: binary words are read byte by byte.
    return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(path)))


def _rows(file: IO[bytes], path: Path) -> Iterator[_Row]:
    first = file.readline(_LONGEST)
    fields = first.split()
    if len(fields) == 2 and all(f.isdigit() and len(f) < 19 for f in fields):
        count, dim = int(fields[0]), int(fields[1])
        if not 1 <= dim <= _LONGEST // 4:
            _refuse(path, "line", 1, first, "a number of words and of dimensions")
        yield from _rows_after_header(file, path, count, dim)
    else:
        dim = len(first.rstrip(b" \r\n").split(b" ")) - 1
        if dim < 1:
            _refuse(path, "line", 1, first, "a word and its numbers")
        file.seek(0)
        yield from _text_rows(file, path, dim, 1)


def _rows_after_header(
    file: IO[bytes], path: Path, count: int, dim: int
) -> Iterator[_Row]:
    """Yields the rows of a word2vec file, and compares their number with its header."""
    start = file.tell()
    line = file.readline(_LONGEST)
    file.seek(start)
    is_text = _parsed(line, dim) is not None or _is_printable(line)
    rows = (
        _text_rows(file, path, dim, 2)
        if is_text
        else _binary_rows(file, path, count, dim)
    )
    found = 0
    for row in rows:
        yield row
        found += 1
    if found != count:
        raise InputError(
            f"{path}: has {found} words, but {count} by its first line; download it "
            "again, or correct that line if the file was cut on purpose"
        )


def _text_rows(
    file: IO[bytes], path: Path, dim: int, first_line: int
) -> Iterator[_Row]:
    lines = iter(lambda: file.readline(_LONGEST), b"")
    for number, line in enumerate(lines, first_line):
        row = _parsed(line, dim)
        if row is None:
            _refuse(path, "line", number, line, f"a word and {dim} finite numbers")
        yield row


def _parsed(line: bytes, dim: int) -> _Row | None:
    """Splits a line from its end, since words may hold spaces; None if malformed."""
    word, *numbers = line.rstrip(b" \r\n").rsplit(b" ", dim)
    if len(numbers) != dim or not word.strip():
        return None
    try:
        with np.errstate(over="ignore"):  # becomes infinite, which is refused
            vector = np.array(numbers, np.float64).astype(np.float32)
    except ValueError:
        return None
    return (word.decode(errors="replace"), vector) if _is_finite(vector) else None


def _binary_rows(file: IO[bytes], path: Path, count: int, dim: int) -> Iterator[_Row]:
    expected = f"a word, a space and {dim} finite float32"
    for number in range(1, count + 1):
        word = _binary_word(file)
        content = file.read(4 * dim)
        if word is None or len(content) < 4 * dim:
            _refuse(path, "row", number, word or b"", expected)
        vector = np.frombuffer(content, "<f4").astype(np.float32)
        if not _is_finite(vector):
            _refuse(path, "row", number, word, expected)
        yield word.decode(errors="replace"), vector
    rest = file.read(_LONGEST_WORD).lstrip(b"\n")
    if rest:
        _refuse(path, "row", count + 1, rest, f"{count} rows as by the first line")


def _binary_word(file: IO[bytes]) -> bytes | None:
    """Reads up to the next space; None where no word is."""
    word = bytearray()
    while (byte := file.read(1)) not in (b" ", b""):
        if byte != b"\n" or word:  # some writers end each row with a line feed
            word += byte
        if len(word) > _LONGEST_WORD:
            return None
    return bytes(word) if byte and word and b"\n" not in word else None


def _is_printable(line: bytes) -> bool:
    """Tells a malformed line of text from binary numbers."""
    try:
        return line.rstrip(b"\r\n").decode().isprintable()
    except UnicodeDecodeError:
        return False


def _is_finite(vector: np.ndarray) -> bool:
    return bool(np.isfinite(vector).all())


def _refuse(path: Path, unit: str, number: int, seen: bytes, expected: str) -> NoReturn:
    shown = seen.rstrip(b"\r\n")[:40].decode(errors="replace")
    raise InputError(
        f"{path}: {unit} {number}, {shown!r}: expected {expected}, in {_FORMATS}"
    )
