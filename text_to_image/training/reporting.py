"""What a run tells while it trains: its log, means of metrics, status lines."""

import logging
import math
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from foundation.errors import InputError
from text_to_image.optimization.replicas import Workers
from text_to_image.runs.directory import RunDescription, RunDirectory
from text_to_image.training.summaries import Summaries

_STATUS_TAGS = ("loss/d", "loss/g", "score/real", "score/wrong", "score/fake")


class _Formatter(logging.Formatter):
    """Marks warnings as such."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line of a record."""
        line = super().format(record)
        if record.levelno < logging.WARNING:
            return line
        return line.replace(record.message, f"warning: {record.message}", 1)


class _TolerantHandler(logging.StreamHandler):
    """Leaves out what cannot be written, as on a full disk; it is printed as well."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Does nothing; by default it prints a traceback."""


@contextmanager
def log_of(run: RunDirectory, workers: Workers) -> Iterator[logging.Logger]:
    """Yields a logger to standard output and, of the chief, to the run's log.txt."""
    # Not one of the process's: another thread may train another run.
    log = logging.Logger("text_to_image.training", logging.INFO)
    printing = logging.StreamHandler(sys.stdout)
    printing.setFormatter(_Formatter())
    log.addHandler(printing)
    with ExitStack() as stack:
        if workers.is_chief:
            file = open(run.log, "a", encoding="utf-8", newline="\n")  # noqa: SIM115
            handler = _TolerantHandler(stack.enter_context(file))
            handler.setFormatter(_Formatter("%(asctime)s %(message)s"))
            log.addHandler(handler)
        yield log


class Progress:
    """Means of the metrics, and the speed, since the last report.

    Args:
        description: of the run.
        steps: of the whole run.
    """

    def __init__(self, description: RunDescription, steps: int):
        self._description = description
        self._steps = steps
        self._compiled = False
        self._forget()

    def _forget(self) -> None:
        self._sums: dict[str, float] = {}
        self._added = 0
        self._seconds, self._timed = 0.0, 0

    def start(self) -> None:
        """Starts the clock: sampling and checkpoints are not timed."""
        self._started = time.perf_counter()

    def add(self, means: dict[str, float], count: int) -> None:
        """Adds what a call of `count` steps gave, and stops the clock."""
        if self._compiled:  # the first call compiles
            self._seconds += time.perf_counter() - self._started
            self._timed += count
        self._compiled = True
        for tag, mean in means.items():
            self._sums[tag] = self._sums.get(tag, 0.0) + count * mean
        self._added += count

    def report(self, step: int, summaries: Summaries, log: logging.Logger) -> None:
        """Writes the status line, TensorBoard's scalars and a line of metrics.jsonl."""
        values = {tag: total / self._added for tag, total in self._sums.items()}
        if self._timed:
            seconds = self._seconds / self._timed
            values["perf/step_ms"] = 1000 * seconds
            batch_size = self._description.config.batch_size
            values["perf/images_per_sec"] = batch_size / seconds
        self._forget()
        epoch = step / self._description.steps_per_epoch
        log.info(format_status(step, self._steps, epoch, values))
        summaries.write_scalars(step, values)
        summaries.run.append_metrics({"step": step, **values})


def format_status(step: int, steps: int, epoch: float, values: dict[str, float]) -> str:
    """Returns one status line: progress, metrics and, once known, speed and ETA."""
    shown = [f"step {step}/{steps}", f"epoch {epoch:.1f}"]
    shown += [
        f"{tag.replace('loss/', '')} {values[tag]:.3f}"
        for tag in _STATUS_TAGS
        if tag in values
    ]
    if "perf/step_ms" in values:
        remaining = (steps - step) * values["perf/step_ms"] / 1000
        days = f"{int(remaining // 86400)}d " if remaining >= 86400 else ""
        eta = time.strftime("%H:%M:%S", time.gmtime(remaining))
        shown += [f"img/s {values['perf/images_per_sec']:.1f}", f"eta {days}{eta}"]
    return "  ".join(shown)


def raise_if_not_finite(
    values: dict[str, float], first: int, last: int, run: RunDirectory
) -> None:
    """Checks the metrics of steps `first` to `last`.

    Raises:
        InputError: one is not finite; the checkpoints are from before.
    """
    for tag, value in values.items():
        if not math.isfinite(value):
            raise InputError(
                f"{tag} is {value} within steps {first}-{last}; the checkpoints in "
                f"{run.checkpoints} are from before and finite. Train again with a "
                "lower --learning_rate or with --mixed_precision=none"
            )
