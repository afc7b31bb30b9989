"""One process at a time: a lock file that ends with the process which holds it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


class AlreadyLocked(Exception):
    """Another process, or another lock of this one, holds the file.

    Attributes:
        holder: number of the process that holds it, as far as it is known.
    """

    def __init__(self, holder: str):
        super().__init__(f"held by process {holder}")
        self.holder = holder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds `path` while the block runs.

    Next to it, `path.pid` says who holds it: Windows lets nobody read a locked file.

    Args:
        path: the lock file, which nothing else uses. Its folder exists.

    Raises:
        AlreadyLocked: at once, without waiting.
        OSError: it cannot be written.
    """
    holder = path.with_name(f"{path.name}.pid")
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise AlreadyLocked(_read(holder)) from error
    try:
        holder.write_bytes(str(os.getpid()).encode())
        yield
    finally:
        holder.unlink(missing_ok=True)
        # Whoever opened it meanwhile sees that it was removed, and opens it again.
        with suppress(OSError):  # Windows removes no open file, and leaves it
            path.unlink()
        lock.release()


def _read(holder: Path) -> str:
    try:
        return holder.read_text("utf-8").strip() or "?"
    except (OSError, ValueError):
        return "?"
