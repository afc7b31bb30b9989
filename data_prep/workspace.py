"""A directory that is filled piece by piece, survives a kill, and then moves whole."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from skipthoughts.atomic import sha256_of, write_text

_PROGRESS = "progress.json"


class Workspace:
    """The unfinished form of a directory, `incomplete.NAME` beside its final place.

    Args:
        final: where it will be.
        request: what is being made; pieces of another request are thrown away.
    """

    def __init__(self, final: Path, request: dict[str, Any]):
        self.final = final
        self.path = final.with_name(f"incomplete.{final.name}")
        self._request = request
        self.files: dict[str, dict[str, Any]] = {}
        self._progress = self.path / _PROGRESS
        try:
            found = json.loads(self._progress.read_text("utf-8"))
        except (OSError, ValueError):
            found = {}
        if found.get("request") == request:
            self.files = found["files"]
        elif self.path.exists():
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)

    def piece(self, names: list[str], make: Callable[[], None]) -> None:
        """Makes files once: not again if an earlier, killed call finished them.

        Args:
            names: paths within the directory that `make` writes.
            make: writes them.
        """
        if all(self._is_done(name) for name in names):
            return
        for name in names:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        make()
        for name in names:
            path = self.path / name
            with open(path, "rb") as file:
                os.fsync(file.fileno())
            self.files[name] = {"sha256": sha256_of(path), "size": path.stat().st_size}
        state = {"request": self._request, "files": self.files}
        write_text(self._progress, json.dumps(state))

    def finish(self, manifest: dict[str, Any]) -> None:
        """Writes `manifest.json` last of all and moves the directory into place."""
        self._progress.unlink()
        content = {**manifest, "request": self._request, "files": self.files}
        text = json.dumps(content, indent=2, sort_keys=True) + "\n"
        write_text(self.path / "manifest.json", text)
        if self.final.exists():
            shutil.rmtree(self.final)
        os.rename(self.path, self.final)

    def _is_done(self, name: str) -> bool:
        path = self.path / name
        recorded = self.files.get(name)
        return (
            recorded is not None
            and path.is_file()
            and path.stat().st_size == recorded["size"]
        )
