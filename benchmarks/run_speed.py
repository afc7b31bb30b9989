"""Times `train()` with everything on, and the bare step in turn with it."""

import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest import mock

import tensorflow as tf

from foundation.checkpoints import Checkpoints
from text_to_image.config import Config
from text_to_image.data.cache import Cache
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.gan import GAN
from text_to_image.runs.directory import RunDirectory
from text_to_image.training.compiled_steps import compile_steps
from text_to_image.training.loop import train
from text_to_image.training.summaries import Summaries

# Of configs/flowers102_cpu.cfg; the other flagfiles report less often.
BLOCK = 10  # steps of one compiled call
SAMPLE_EVERY, CHECKPOINT_EVERY = 500, 250
_UNTIMED = 2  # the start of the run, and the block that compiles


@dataclasses.dataclass(frozen=True)
class RunSpeed:
    """What the turns of `run_beside_bare` took.

    Attributes:
        batch_size: images of a step.
        bare: seconds of each bare block.
        run: seconds of each block of `train()` with its status line, but without its
            sample grid and checkpoint.
        samples: seconds of each sample grid.
        checkpoints: seconds of each checkpoint.
        reported: `perf/images_per_sec` of metrics.jsonl after each block.
    """

    batch_size: int
    bare: list[float]
    run: list[float]
    samples: list[float]
    checkpoints: list[float]
    reported: list[float]

    def bare_rates(self) -> list[float]:
        """Returns images a second of each bare block."""
        return [BLOCK * self.batch_size / seconds for seconds in self.bare]

    def run_rates(self) -> list[float]:
        """Returns images a second of each block of `train()`, everything included.

        A block bears its share of a sample grid and of a checkpoint.
        """
        share = BLOCK * (
            median(self.samples) / SAMPLE_EVERY
            + median(self.checkpoints) / CHECKPOINT_EVERY
        )
        return [BLOCK * self.batch_size / (seconds + share) for seconds in self.run]

    def status_lines(self) -> list[float]:
        """Returns seconds of each status line: of a block what its steps are not."""
        return [
            seconds - BLOCK * self.batch_size / rate
            for seconds, rate in zip(self.run, self.reported, strict=True)
        ]


def run_beside_bare(config: Config, turns: int) -> RunSpeed:
    """Trains `turns` blocks of steps, and after each times a block of bare steps.

    Args:
        config: of the run; when it stops and reports is decided here.
        turns: timed blocks of each, at least 2.
    """
    config = dataclasses.replace(
        config,
        steps=(turns + 1) * BLOCK,
        steps_per_call=BLOCK,
        log_every=BLOCK,
        sample_every=BLOCK,
        checkpoint_every=BLOCK,
    )
    bare, clock = _bare_block(config), _Clock()
    write_samples, save = Summaries.write_samples, Checkpoints.save

    def timed_samples(self: Summaries, step: int) -> None:
        with clock.timed("samples"):
            write_samples(self, step)
        clock.end_turn()
        with clock.timed("bare"):
            bare()
        clock.begin_turn()

    def timed_save(self: Checkpoints) -> Path:
        with clock.timed("checkpoints"):
            return save(self)

    with (
        mock.patch.object(Summaries, "write_samples", timed_samples),
        mock.patch.object(Checkpoints, "save", timed_save),
        tempfile.TemporaryDirectory() as workdir,
    ):
        train(config, workdir)
        records = RunDirectory(workdir).read_metrics()[_UNTIMED - 1 :]
    taken = {name: seconds[_UNTIMED:] for name, seconds in clock.seconds.items()}
    pieces = zip(taken.pop("turn"), taken["samples"], taken["checkpoints"], strict=True)
    return RunSpeed(
        batch_size=config.batch_size,
        run=[turn - samples - checkpoint for turn, samples, checkpoint in pieces],
        reported=[record["perf/images_per_sec"] for record in records],
        **taken,
    )


def _bare_block(config: Config) -> Callable[[], float]:
    """Returns a call of BLOCK compiled steps on the run's data, by another model."""
    cache = Cache(config.cache_dir)
    gan = GAN(config, cache.text_dim)
    steps = compile_steps(gan, DeviceDataset(cache.split("train"), config))
    count = tf.constant(BLOCK, tf.int32)
    return lambda: float(steps(count)["loss/d"])


class _Clock:
    """Collects seconds by name. A turn is all that `train()` does between two grids."""

    def __init__(self) -> None:
        names = ("turn", "samples", "checkpoints", "bare")
        self.seconds: dict[str, list[float]] = {name: [] for name in names}
        self.begin_turn()

    def begin_turn(self) -> None:
        self._began = time.perf_counter()

    def end_turn(self) -> None:
        self.seconds["turn"].append(time.perf_counter() - self._began)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name].append(time.perf_counter() - start)
