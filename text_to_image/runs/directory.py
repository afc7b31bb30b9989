"""The directory of one run: what is in it, and who may write there."""

import dataclasses
import importlib.metadata
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from foundation import hints
from foundation.atomic import (
    append_or_warn,
    append_text,
    new_directory,
    remove_unfinished,
    write_text,
)
from foundation.boundary import load_json, parse_json, refusing
from foundation.checkpoints import checkpoint_steps, is_whole
from foundation.errors import InputError
from foundation.fields import check_types, marked
from foundation.lock import AlreadyLocked, locked
from text_to_image.config import Config
from text_to_image.data.cache import Cache

_FREE, _RECORDED = marked(Config, "free"), marked(Config, "recorded")


@dataclasses.dataclass(frozen=True)
class RunDescription:
    """What `config.json` records: enough to rebuild the networks without the cache.

    Attributes:
        config: the experiment.
        text_dim: dimensions of the caption vectors.
        encoder_id: sha256 of the encoder that made them; a copy is in `encoder/`.
        dataset: name of the data set.
        manifest_sha256: of the cache's manifest.
        steps_per_epoch: iterations in a pass over the training images.
    """

    config: Config
    text_dim: int
    encoder_id: str
    dataset: str
    manifest_sha256: str
    steps_per_epoch: int

    def __post_init__(self) -> None:
        check_types(self)
        for name, most in (("text_dim", 1 << 15), ("steps_per_epoch", 1 << 31)):
            if not 1 <= getattr(self, name) <= most:
                raise InputError(
                    f"{name}={getattr(self, name)}: expected 1 to {most:,}"
                )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "RunDescription":
        """Rebuilds what `dataclasses.asdict` gave."""
        return cls(**{**values, "config": Config.from_dict(values["config"])})


class RunDirectory:
    """Paths within a run directory.

    Args:
        path: `--workdir`.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.config_json = self.path / "config.json"
        self.flagfile = self.path / "flags.cfg"
        self.metrics = self.path / "metrics.jsonl"
        self.log = self.path / "log.txt"
        self.checkpoints = self.path / "checkpoints"
        self.best = self.path / "best"
        self.samples = self.path / "samples"
        self.tensorboard = self.path / "tb"
        self.encoder = self.path / "encoder"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Creates the directory; while the block runs, nobody else trains in it.

        Raises:
            InputError: another process trains there, or it cannot be written.
        """
        with ExitStack() as stack:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locked(self.path / "lock"))
                for folder in (self.path, self.samples):  # of killed calls
                    remove_unfinished(folder)
            except AlreadyLocked as error:
                raise InputError(
                    f"--workdir={self.path}: process {error.holder} trains there; "
                    "wait for it, or choose another --workdir"
                ) from error
            except OSError as error:
                raise self._not_writable(error.strerror) from error
            yield

    def check_writable(self) -> None:
        """Checks, without writing, that the directory can be made or written.

        Raises:
            InputError: it cannot.
        """
        above = self.path.absolute()
        while not above.exists():
            above = above.parent
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            raise self._not_writable(f"{above} does not let you")

    def _not_writable(self, reason: object) -> InputError:
        return InputError(
            f"--workdir={self.path}: cannot be written ({reason}); expected a "
            "directory of yours. Choose another --workdir"
        )

    def resume_command(self) -> str:
        """Returns the line that resumes the run, for a shell."""
        flags = (f"--flagfile={self.flagfile}", f"--workdir={self.path}")
        return hints.command("train.py", *flags)

    def has_progress(self) -> bool:
        """Whether a run was begun here and has something to lose.

        A checkpoint of step 0 that a kill left half-written is nothing.
        """
        saved = checkpoint_steps(self.checkpoints)
        if saved and (saved != [0] or is_whole(self.checkpoints, 0)):
            return True
        return any(record["step"] > 0 for record in self.read_metrics())

    def write_description(self, description: RunDescription, cache: Cache) -> None:
        """Writes `config.json` and `flags.cfg`, and copies the encoder."""
        if not self.encoder.is_dir():
            with new_directory(self.encoder) as incomplete:
                shutil.copytree(cache.encoder_dir, incomplete, dirs_exist_ok=True)
        self._write_configuration(description, [])

    def update_description(
        self, description: RunDescription, step: int, tell: Callable[[str], None]
    ) -> None:
        """Makes `config.json` and `flags.cfg` describe a run that is resumed.

        Args:
            description: of what runs from now on.
            step: that it is resumed at. What decides weights and changes here is listed
                under `changes` in `config.json`.
            tell: is called with a line for each flag that changes.
        """
        before = dataclasses.asdict(self.read_description().config)
        after = dataclasses.asdict(description.config)
        changed = [name for name in after if after[name] != before[name]]
        if not changed:
            return
        changes = load_json(self.config_json, dict).get("changes", [])
        for change in changes:  # of steps that are lost have not taken effect yet
            change["step"] = min(change["step"], step)
        changes += [
            {"step": step, "flag": name, "before": before[name], "after": after[name]}
            for name in changed
            if name in _RECORDED
        ]
        self._write_configuration(description, changes)
        for name in changed:
            tell(
                f"From step {step} on: --{name}={after[name]} (it was {before[name]})."
            )

    def _write_configuration(
        self, description: RunDescription, changes: list[dict[str, Any]]
    ) -> None:
        packages = ("tensorflow", "keras", "numpy")
        values = dataclasses.asdict(description)
        if changes:
            values["changes"] = changes
        values["packages"] = {
            name: importlib.metadata.version(name) for name in packages
        }
        write_text(self.flagfile, description.config.to_flagfile())
        write_text(self.config_json, json.dumps(values, indent=2) + "\n")

    def read_description(self) -> RunDescription:
        """Reads `config.json`.

        Raises:
            InputError: it is missing or not ours.
        """
        if not self.config_json.exists():
            raise InputError(
                f"--workdir={self.path}: no config.json there, expected a trained run, "
                "nor a model.json of a released model. Train one with: "
                + hints.command(
                    "train.py", *hints.flagfile("quickstart"), f"--workdir={self.path}"
                )
            )

        def told(reason: str) -> InputError:
            return InputError(
                f"{self.config_json}: not the description of a run ({reason}); "
                "expected the file that train.py wrote. Train anew with another "
                "--workdir"
            )

        with refusing(told):
            values = load_json(self.config_json, dict)
            values.pop("packages")
            values.pop("changes", None)
            return RunDescription.from_dict(values)

    def check_resumable(self, wanted: RunDescription) -> None:
        """Compares what is wanted with what the run was begun with.

        Raises:
            InputError: they differ in what decides the weights.
        """
        found = self.read_description()
        differing = [
            (f"--{name}", before, now)
            for name, before in dataclasses.asdict(found.config).items()
            if name not in _FREE | _RECORDED
            and (now := getattr(wanted.config, name)) != before
        ]
        for name in ("text_dim", "encoder_id", "manifest_sha256"):
            before, now = getattr(found, name), getattr(wanted, name)
            if before != now:
                differing.append((f"cache {name}", before, now))
        if differing:
            table = "; ".join(
                f"{name} was {before}, now {now}" for name, before, now in differing
            )
            raise InputError(
                f"--workdir={self.path} holds a run with another configuration: "
                f"{table}. Choose another --workdir, or resume it with: "
                + self.resume_command()
            )

    def read_metrics(self) -> list[dict[str, Any]]:
        """Returns the records of `metrics.jsonl`; lines that are none are left out."""
        if not self.metrics.is_file():
            return []
        records = []
        content = self.metrics.read_bytes().decode("utf-8", "replace")
        for line in content.splitlines():
            try:
                record = parse_json(line, dict)
                if type(record["step"]) is int:
                    records.append(record)
            except Exception:  # torn by a kill, or not ours
                continue
        return records

    def append_metrics(self, *records: dict[str, Any]) -> None:
        """Appends records to `metrics.jsonl`, all or none."""
        append_text(self.metrics, _as_lines(records))

    def append_figures(self, records: Sequence[dict[str, Any]]) -> bool:
        """Appends what was shown already as `append_metrics`, or warns.

        Returns:
            Whether it was appended: the directory may be read-only.
        """
        return append_or_warn(self.metrics, _as_lines(records))

    def forget_metrics_after(self, step: int) -> None:
        """Drops the training records after `step`, which will be made again."""
        kept = [record for record in self.read_metrics() if record["step"] <= step]
        lines = _as_lines(kept)
        if self.metrics.is_file() and self.metrics.read_text("utf-8") != lines:
            write_text(self.metrics, lines)


def _as_lines(records: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)
