"""Files and directories that are either whole or not there; and their hashes."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Returns the sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Yields a temporary file that becomes `path` when the block succeeds.

    A reader sees the old content or the new, never half.
    """
    path = Path(path)
    descriptor, name = tempfile.mkstemp(prefix="incomplete.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Writes a file as `new_file` does."""
    with new_file(path) as file:
        file.write(content)


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Writes a UTF-8 text file as `write_bytes` does, line ends as they are."""
    write_bytes(path, content.encode("utf-8"))


def append_text(path: str | os.PathLike[str], content: str) -> None:
    """Appends to a UTF-8 text file, line ends as they are."""
    with open(path, "ab") as file:
        file.write(content.encode("utf-8"))


@contextmanager
def new_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a temporary directory that becomes `path` when the block succeeds.

    Args:
        path: the final directory; one that is there already is replaced, and only
            once its successor is whole.

    Yields:
        A directory next to `path` to write into. It is removed if the block raises.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    incomplete = Path(
        tempfile.mkdtemp(prefix=f"incomplete.{path.name}.", dir=path.parent)
    )
    try:
        os.chmod(incomplete, 0o755)
        yield incomplete
        replace_directory(incomplete, path)
    except BaseException:
        shutil.rmtree(incomplete, ignore_errors=True)
        raise


def replace_directory(new: Path, path: Path) -> None:
    """Moves `new` to `path` next to it, and removes what was there.

    No file in either may be open or mapped: Windows would refuse it.
    """
    replaced = new.with_name(f"{new.name}.replaced")
    shutil.rmtree(replaced, ignore_errors=True)
    if path.exists():
        os.rename(path, replaced)
    try:
        os.rename(new, path)
    except BaseException:
        if replaced.exists():
            os.rename(replaced, path)
        raise
    shutil.rmtree(replaced, ignore_errors=True)
