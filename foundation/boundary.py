"""Reads what comes from outside: regular files, bounded, every fault one line.

A file may be anything: missing, a device, cut, garbled, made to fill the memory. What
is read here is measured before room is made for it, and whatever goes wrong becomes an
`InputError` that names the file. There is no list of exceptions: the readers of other
projects raise what their own authors did not think of.
"""

import io
import json
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import IO, Any

import numpy as np

from foundation.errors import InputError

MEBIBYTE = 1 << 20
_MOST_MEMBERS = 10_000  # of an archive
_BYTE_ORDER_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


@contextmanager
def refusing(make: Callable[[str], InputError]) -> Iterator[None]:
    """Turns whatever goes wrong in the block into an `InputError`.

    Args:
        make: makes it of what was wrong, a part of a line.

    Raises:
        InputError: anything was raised but an `InputError` of the block's own, or what
            ends a process.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise make(reason_of(error)) from error


@contextmanager
def reading(path: str | os.PathLike[str], expected: str) -> Iterator[None]:
    """Turns whatever goes wrong while a file is read into one line.

    Args:
        path: of the file, for the message.
        expected: what should be there, and how to get it.

    Raises:
        InputError: anything was raised but an `InputError` of the block's own, or what
            ends a process.
    """

    def told(reason: str) -> InputError:
        return InputError(f"{path}: cannot be read ({reason}); expected {expected}")

    with refusing(told):
        yield


def reason_of(error: BaseException) -> str:
    """Returns what an exception says, as part of a line of at most 200 characters."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    is_key = isinstance(error, KeyError) and len(error.args) == 1
    text = str(error.args[0]) if is_key else str(error)
    lines = text.strip().splitlines() or [""]
    if is_key and len(lines) == 1:
        return f"{lines[0][:100]!r} is missing"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    # Without the places in the code and in the graph that TensorFlow puts around it.
    own = lines[-1] if lines[0].startswith("in user code") else lines[0]
    own = re.sub(r"^\{\{[^}]*\}\} | \[Op:\w+\]$", "", own.strip().rstrip(":;,. "))
    return own[:200] or type(error).__name__


def open_regular(path: str | os.PathLike[str]) -> IO[bytes]:
    """Opens a file for reading; a device or a pipe, which may have no end, is refused.

    Raises:
        OSError: there is no such file, or it may not be read.
        ValueError: it is a folder, a device, a pipe or a socket.
    """
    mode = os.stat(path).st_mode  # before opening: a pipe without a writer waits
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise ValueError(f"it is {kind}")
    return open(path, "rb")


def read_bytes(
    path: str | os.PathLike[str], expected: str, most: int = 256 * MEBIBYTE
) -> bytes:
    """Reads a file of at most `most` bytes.

    Raises:
        InputError: it cannot be read, or is larger.
    """
    with reading(path, expected):
        return load_bytes(path, most)


def load_bytes(path: str | os.PathLike[str], most: int) -> bytes:
    """Reads a file as `read_bytes` does, and raises whatever goes wrong."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise ValueError(f"{size:,} bytes, at most {most:,}")
        return file.read()


def read_text(
    path: str | os.PathLike[str], expected: str, most: int = 256 * MEBIBYTE
) -> str:
    """Reads a UTF-8 file, with or without a byte order mark; lines end by LF.

    Raises:
        InputError: as `read_bytes`, or it is not UTF-8.
    """
    content = read_bytes(path, expected, most)
    return decode(content, path, expected).replace("\r\n", "\n")


def decode(content: bytes, path: str | os.PathLike[str], expected: str) -> str:
    """Decodes UTF-8, with or without a byte order mark.

    Raises:
        InputError: it is not UTF-8; another encoding is named if the bytes show it.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        encoding = _encoding_of(content)
        mend = "save it as UTF-8"
        if encoding:
            mend += f"; it may be {encoding}: iconv -f {encoding} -t utf-8 {path}"
        byte = f"byte 0x{content[error.start]:02x} at position {error.start}"
        raise InputError(
            f"{path}: {byte} (line {line}) is not UTF-8; expected {expected}, {mend}"
        ) from error


def _encoding_of(content: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding
    try:
        text = content[: 1 << 16].decode("cp1252")
    except UnicodeDecodeError:
        return ""
    # Control codes are no text, whatever the encoding.
    return "cp1252" if all(c.isprintable() or c in "\t\r\n\xa0" for c in text) else ""


def read_json(
    path: str | os.PathLike[str],
    kind: type,
    expected: str,
    most: int = 64 * MEBIBYTE,
) -> Any:
    """Reads a JSON file whose outermost value is of a type, `dict` or `list`.

    Raises:
        InputError: as `read_text`, it is not JSON, nested too deeply, has a number that
            is not finite, or is of another type.
    """
    with reading(path, expected):
        return load_json(path, kind, most)


def load_json(
    path: str | os.PathLike[str], kind: type, most: int = 64 * MEBIBYTE
) -> Any:
    """Reads a JSON file as `read_json` does, and raises whatever goes wrong."""
    return parse_json(load_bytes(path, most).decode("utf-8-sig"), kind)


def parse_json(text: str, kind: type) -> Any:
    """Parses JSON as `read_json` does.

    Raises:
        ValueError: it is not what is expected.
        RecursionError: it is nested too deeply.
    """
    value = json.loads(text, parse_constant=_refuse)
    if not isinstance(value, kind):
        raise ValueError(f"holds {type(value).__name__}, not {kind.__name__}")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def load_array(path: str | os.PathLike[str], mapped: bool = False) -> np.ndarray:
    """Reads a `.npy` file.

    Args:
        path: of the file.
        mapped: leave it on disk until its rows are needed. On Windows no file that is
            mapped can be replaced.

    Raises:
        Exception: of any kind: it cannot be read, or holds less than its header says,
            or objects.
    """
    open_regular(path).close()
    # A map is as large as the file at most, so a header cannot ask for more.
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.ndarray):
        array.close()
        raise ValueError("an archive, not a single array")
    return array if mapped else np.array(array)


class Arrays:
    """The arrays of an `.npz` file, read when they are asked for by name."""

    def __init__(self, archive: zipfile.ZipFile):
        self._archive = archive

    def __getitem__(self, name: str) -> np.ndarray:
        return _array_of(self._archive.read(f"{name}.npy"))


@contextmanager
def open_arrays(
    path: str | os.PathLike[str], most: int = 1024 * MEBIBYTE
) -> Iterator[Arrays]:
    """Opens an `.npz` file.

    Args:
        path: of the file.
        most: bytes that its arrays may take together.

    Raises:
        Exception: of any kind, here or of an array: it cannot be read, is larger, or
            holds objects; a `KeyError` where there is no such array.
    """
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        check_archive(archive, most)
        yield Arrays(archive)


def check_archive(archive: zipfile.ZipFile, most: int) -> None:
    """Checks what a zip archive says of itself before anything is unpacked.

    Raises:
        ValueError: it has too many members, or they are larger than `most` bytes.
    """
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise ValueError(f"{len(members):,} members, at most {_MOST_MEMBERS:,}")
    size = sum(member.file_size for member in members)
    if size > most:
        raise ValueError(f"{size:,} bytes unpacked, at most {most:,}")


def _array_of(content: bytes) -> np.ndarray:
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    header = np.lib.format.read_array_header_2_0
    if version == (1, 0):
        header = np.lib.format.read_array_header_1_0
    shape, _, dtype = header(file)
    size = dtype.itemsize
    for side in shape:  # of Python's integers, which do not overflow
        size *= side
    if size != len(content) - file.tell() and not dtype.hasobject:
        raise ValueError(f"an array of {dtype} {shape} in {len(content):,} bytes")
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def inside(folder: Path, name: Any) -> Path:
    """Returns the path of a file that a description names, within its folder.

    Raises:
        ValueError: the name is no text, too long, or leads anywhere else.
    """
    if not isinstance(name, str) or not 0 < len(name) <= 255:
        raise ValueError(f"a file name {str(name)[:40]!r}")
    path = PureWindowsPath(name)  # has the separators of every system
    if path.anchor or ".." in path.parts or "\0" in name:
        raise ValueError(f"a file name that leads elsewhere, {name[:40]!r}")
    return folder / name
