"""A directory that is filled piece by piece, survives a kill, and then moves whole."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from foundation.atomic import replace_directory, sha256_of, write_text
from foundation.boundary import inside, load_json
from foundation.errors import InputError
from foundation.lock import AlreadyLocked, locked

MANIFEST = "manifest.json"
_PROGRESS = "progress.json"


class Workspace:
    """The unfinished form of a directory, `incomplete.NAME` next to its final place.

    Its name is stable, so a call that repeats a killed one finds what that had
    finished. Whatever else is in it, half-written files too, is removed first.
    Other processes are kept out until the context ends, by a lock file next to it: a
    folder with an open file in it could not be moved on Windows.

    Args:
        final: where it will be.
        request: what is being made; pieces of another request are thrown away.

    Attributes:
        path: the directory to write into.
        files: path within it -> sha256 and size, of the finished pieces.

    Raises:
        InputError: another process works in it.
    """

    def __init__(self, final: Path, request: dict[str, Any]):
        self.final = final
        self.path = final.with_name(f"incomplete.{final.name}")
        self._request = request
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = ExitStack()
        self._lock.enter_context(_only_process(final, self.path))
        self.files = self._finished_files()
        self._record()
        self._remove_unfinished()

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *exception: object) -> None:
        self._lock.close()

    def piece(self, names: list[str], make: Callable[[], None]) -> None:
        """Makes files once: not again if an earlier, killed call finished them.

        Args:
            names: files, or directories of files, that `make` writes.
            make: writes them.
        """
        if all(self._is_done(name) for name in names):
            return
        for name in names:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        make()
        for name in names:
            for path in _files_under(self.path / name):
                with open(path, "rb+") as file:  # Windows refuses it for reading only
                    os.fsync(file.fileno())
                self.files[path.relative_to(self.path).as_posix()] = {
                    "sha256": sha256_of(path),
                    "size": path.stat().st_size,
                }
        self._record()

    def finish(self, manifest: dict[str, Any]) -> None:
        """Writes `manifest.json` last of all and moves the directory into place."""
        content = {**manifest, "request": self._request, "files": self.files}
        text = json.dumps(content, indent=2, sort_keys=True) + "\n"
        # It records the finished files as well: a kill from here on loses nothing.
        write_text(self.path / MANIFEST, text)
        (self.path / _PROGRESS).unlink()
        replace_directory(self.path, self.final)

    def _finished_files(self) -> dict[str, dict[str, Any]]:
        """Returns what an earlier call recorded, if all of it is still intact."""
        for name in (_PROGRESS, MANIFEST):
            try:
                found = load_json(self.path / name, dict)
                if found["request"] == self._request and all(
                    sha256_of(inside(self.path, file)) == entry["sha256"]
                    for file, entry in found["files"].items()
                ):
                    return found["files"]
            except Exception:  # of a record in any state: the work is done again
                continue
        return {}

    def _is_done(self, name: str) -> bool:
        # A piece is recorded whole, so one file of a directory stands for all.
        return any(file == name or file.startswith(f"{name}/") for file in self.files)

    def _record(self) -> None:
        state = {"request": self._request, "files": self.files}
        write_text(self.path / _PROGRESS, json.dumps(state))

    def _remove_unfinished(self) -> None:
        for path in sorted(self.path.rglob("*"), reverse=True):  # children first
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.relative_to(self.path).as_posix() not in {*self.files, _PROGRESS}:
                path.unlink()


def _files_under(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(inner for inner in path.rglob("*") if inner.is_file())
    return [path]


@contextmanager
def _only_process(final: Path, incomplete: Path) -> Iterator[None]:
    try:
        with locked(incomplete.with_name(f"{incomplete.name}.lock")):
            yield
    except AlreadyLocked as error:
        raise InputError(
            f"{final}: process {error.holder} is writing this cache; wait for it, or "
            "choose another --cache_dir"
        ) from error
