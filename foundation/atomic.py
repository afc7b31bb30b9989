"""Files and directories that are either whole or not there; and their hashes."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from absl import logging

from foundation.boundary import reason_of
from foundation.errors import InputError
from foundation.exchange import exchange
from foundation.lock import AlreadyLocked, locked

_INCOMPLETE = "incomplete."  # begins the name of what is not whole


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Returns the sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Yields a temporary file that becomes `path` when the block succeeds.

    A reader sees the old content or the new, never half. A link stays one: the file
    that it leads to is replaced.

    Raises:
        InputError: there is something there that is no file, as a device.
        OSError: it cannot be written; its `filename` is `path`.
    """
    path = _target(path)
    prefix = f"{_INCOMPLETE}{path.name[:40]}."
    name = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=prefix, dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException as error:
        if name is not None:
            os.unlink(name)
        if isinstance(error, OSError) and error.errno is None:  # NumPy's
            raise OSError(errno.EIO, str(error), str(path)) from error
        if isinstance(error, OSError) and (
            error.filename is None or _INCOMPLETE in str(error.filename)
        ):
            error.filename, error.filename2 = str(path), None
        raise


def _target(path: str | os.PathLike[str]) -> Path:
    """Returns what a path leads to, if it is a file or nothing yet.

    Raises:
        InputError: it is anything else.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        kind = "a folder" if target.is_dir() else "a device or a pipe"
        raise InputError(
            f"{path}: is {kind}, expected a file, or a path where nothing is yet; "
            "choose another one"
        )
    return target


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Writes a file as `new_file` does."""
    with new_file(path) as file:
        file.write(content)


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Writes a UTF-8 text file as `write_bytes` does, line ends as they are."""
    write_bytes(path, content.encode("utf-8"))


def check_room(folder: Path, size: int) -> None:
    """Writes a file of a size and removes it: is there room for one?

    HDF5 ends the process where a disk is full, and no free space that a system tells
    includes quotas.

    Raises:
        OSError: there is not.
    """
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        block = bytes(1 << 20)
        while size > 0:
            written = file.write(block[:size])
            if not written:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
            size -= written


def append_text(path: str | os.PathLike[str], content: str) -> None:
    """Appends whole lines to a UTF-8 text file, line ends as they are.

    What a killed call left of a line is ended first. Where the disk is full, nothing is
    appended.

    Raises:
        InputError: the path is of something that is no file.
        OSError: it cannot be written.
    """
    # Unbuffered: what a buffer holds would be written again when the file is closed.
    with open(_target(path), "ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                content = "\n" + content
        line = content.encode("utf-8")
        try:
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            with suppress(OSError):
                file.truncate(size)
            error.filename = str(path)
            raise


def append_or_warn(path: str | os.PathLike[str], content: str) -> bool:
    """Appends lines that were shown already; where that fails, it is a warning.

    Returns:
        Whether they were appended.
    """
    try:
        append_text(path, content)
        return True
    except (OSError, InputError) as error:
        logging.warning("%s: not appended (%s); shown only.", path, reason_of(error))
        return False


@contextmanager
def new_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a temporary directory that becomes `path` when the block succeeds.

    What a killed call left is removed first.

    Args:
        path: the final directory; one that is there already is replaced, and only
            once its successor is whole.

    Yields:
        A directory next to `path` to write into. It is removed if the block raises.

    Raises:
        InputError: a file is there, or another process writes the directory.
        OSError: it cannot be written.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: is a file, expected a directory; choose another one")
    path.parent.mkdir(parents=True, exist_ok=True)
    incomplete = path.with_name(f"{_INCOMPLETE}{path.name}")
    try:
        with locked(incomplete.with_name(f"{incomplete.name}.lock")):
            _settle(path)
            shutil.rmtree(incomplete, ignore_errors=True)
            incomplete.mkdir()
            try:
                yield incomplete
                replace_directory(incomplete, path)
            except BaseException:
                shutil.rmtree(incomplete, ignore_errors=True)
                raise
    except AlreadyLocked as error:
        raise InputError(
            f"{path}: process {error.holder} is writing it; wait for that, or choose "
            "another path"
        ) from error


def replace_directory(new: Path, path: Path) -> None:
    """Moves `new` to `path` next to it, and removes what was there.

    A kill at any point leaves the old or the new directory at `path`; on Windows it may
    leave the old one at `incomplete.NAME.replaced`, which `new_directory` puts back. No
    file in either may be open or mapped: Windows would refuse it.
    """
    if not path.exists():
        os.rename(new, path)
    elif exchange(new, path):
        shutil.rmtree(new, ignore_errors=True)
    else:
        replaced = _replaced(path)
        shutil.rmtree(replaced, ignore_errors=True)
        os.rename(path, replaced)
        try:
            os.rename(new, path)
        except BaseException:
            os.rename(replaced, path)
            raise
        shutil.rmtree(replaced, ignore_errors=True)


def _replaced(path: Path) -> Path:
    return path.with_name(f"{_INCOMPLETE}{path.name}.replaced")


def _settle(path: Path) -> None:
    """Puts back what a kill between two renames left aside."""
    replaced = _replaced(path)
    if replaced.exists() and not path.exists():
        os.rename(replaced, path)
    shutil.rmtree(replaced, ignore_errors=True)


def remove_unfinished(folder: Path) -> None:
    """Removes the temporary files of killed calls; nobody else may be writing there."""
    for path in folder.glob(f"{_INCOMPLETE}*"):
        if path.is_file():
            path.unlink(missing_ok=True)
