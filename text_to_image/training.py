"""The training loop: resume, call, log, sample, save."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
import logging
import math
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import tensorflow as tf

from foundation import hints
from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder
from skipthoughts.checkpoints import Checkpoints
from text_to_image.batches import check_split
from text_to_image.cache import Cache
from text_to_image.compiled_steps import compile_steps
from text_to_image.config import Config
from text_to_image.dataset import DeviceDataset, text_statistics
from text_to_image.distribution import Workers, make_strategy
from text_to_image.evaluation_while_training import Evaluation
from text_to_image.gan import GAN
from text_to_image.interruption import Interruption
from text_to_image.run_directory import RunDescription, RunDirectory
from text_to_image.sampling import TextToImage
from text_to_image.streamed_dataset import StreamedDataset
from text_to_image.summaries import Chronometer, Summaries, format_status

_STATUS_TAGS = ("loss/d", "loss/g", "score/real", "score/wrong", "score/fake")


def describe(config: Config, cache: Cache) -> tuple[RunDescription, int]:
    """Returns the description of a run and its number of iterations."""
    splits = cache.manifest["splits"]
    images = sum(splits[name]["images"] for name in config.training_splits)
    steps_per_epoch = math.ceil(images / config.batch_size)
    description = RunDescription(
        config=config,
        text_dim=cache.text_dim,
        encoder_id=cache.encoder_id,
        dataset=cache.dataset,
        manifest_sha256=cache.manifest_sha256,
        steps_per_epoch=steps_per_epoch,
    )
    return description, config.steps or config.epochs * steps_per_epoch


def train(config: Config, workdir: str | Path) -> Path:
    """Trains a run to its end, beginning where an earlier call was stopped.

    Args:
        config: the experiment.
        workdir: its directory; everything is written there.

    Returns:
        The newest sample grid.

    Raises:
        InputError: the cache or the directory does not fit, and nothing was changed;
            or a loss or gradient is not finite, and earlier checkpoints stay.
    """
    cache = Cache(config.cache_dir)
    cache.verify()
    strategy = make_strategy(config)
    workers = Workers(strategy)
    run = RunDirectory(workdir)
    lock = run.lock() if workers.is_chief else nullcontext()
    with lock, _log_of(run, workers) as log, Interruption() as interrupted:
        return _train(config, cache, run, strategy, workers, log, interrupted)


def _train(
    config: Config,
    cache: Cache,
    run: RunDirectory,
    strategy: tf.distribute.Strategy,
    workers: Workers,
    log: logging.Logger,
    interrupted: Interruption,
) -> Path:
    # Data
    description, steps = describe(config, cache)
    train_split = cache.joined(config.training_splits)
    check_split(train_split, config.batch_size)

    # Run directory
    # Which case applies, in this order:
    # 1. Checkpoints, or metrics of steps that were made: there is progress. It must be
    #    of this configuration, and the newest readable checkpoint is resumed.
    # 2. Progress without any readable checkpoint: an error, never a fresh start.
    # 3. No progress: a fresh start.
    # With several workers, all read the directory, and the chief alone writes it.
    has_progress = run.has_progress()
    if has_progress:
        run.check_resumable(description)
    elif workers.is_chief:
        run.write_description(description, cache)

    # Model
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    with strategy.scope():
        gan = GAN(config, cache.text_dim, description.steps_per_epoch)
    checkpoints = Checkpoints(
        run.checkpoints, gan.checkpoint_objects(), gan.step, config.keep_checkpoints
    )
    gan.set_text_statistics(*text_statistics(train_split, config.text_norm))
    step = _resume(run, checkpoints, has_progress, workers, log)
    with strategy.scope():
        dataset: DeviceDataset | StreamedDataset
        if config.cache == "stream":
            dataset = StreamedDataset(train_split, config, first_step=step)
        else:
            dataset = DeviceDataset(train_split, config)
        train_steps = compile_steps(gan, dataset)

    # Summaries
    evaluate = None
    if workers.is_chief:
        model = TextToImage(
            description,
            SkipThoughtEncoder.load(cache.encoder_dir),
            gan.sampling_generator,
            gan.text_scaling,
            step,
            ema_decay=config.ema_decay,
        )
        summaries = Summaries(run, model, cache, config.sample_captions_file)
        if config.evaluate_every:
            evaluate = Evaluation(gan, model, cache, summaries, log)
        if step == 0:
            summaries.begin(dataclasses.asdict(config), train_split)
            summaries.write_samples(0)
            checkpoints.save()  # from now on there is always one to resume
        run.forget_metrics_after(step)
    chronometer, traced = Chronometer(), False

    # Train
    log.info(
        "Training %s on %s to step %d; TensorBoard: %s",
        config.architecture,
        cache.dataset,
        steps,
        hints.command("tensorboard", f"--logdir={run.tensorboard}"),
    )
    totals = _Totals()
    ending = step == steps
    while not ending:
        until = _next_stop(step, steps, config)
        chronometer.start()
        means = train_steps(tf.constant(until - step, tf.int32))
        values = {tag: float(mean) for tag, mean in means.items()}
        if traced:  # the first call compiles
            chronometer.stop(until - step)
        traced = True
        totals.add(values, until - step)
        _raise_if_not_finite(values, step, until, run)
        step = until
        # Asked once: a signal after this is for the next call, whose end is saved. One
        # that any worker is sent ends all.
        ending = step == steps or workers.mean(float(bool(interrupted))) > 0

        if not workers.is_chief:
            continue
        if step % config.log_every == 0 or ending:
            _report(step, steps, totals, chronometer, summaries, description, log)
        if _is_due(config.sample_every, step, steps):
            summaries.write_samples(step)
        if evaluate and _is_due(config.evaluate_every, step, steps):
            evaluate(step)  # before the checkpoint: a resumed run leaves none out
        if step % config.checkpoint_every == 0 or ending:
            checkpoints.save()

    # End
    if workers.is_chief:
        summaries.close()
    workers.mean(0.0)  # none leaves before the chief has saved
    if step < steps:
        log.info(
            "Stopped at step %d and saved. Resume with: %s", step, run.resume_command()
        )
    grids = sorted(run.samples.glob("step-*.png")) or [run.samples / "init.png"]
    return grids[-1]


def _resume(
    run: RunDirectory,
    checkpoints: Checkpoints,
    has_progress: bool,
    workers: Workers,
    log: logging.Logger,
) -> int:
    """Restores what there is; returns the step to go on from."""
    if workers.is_chief:
        checkpoints.remove_unfinished()
    step = checkpoints.restore(set_aside=workers.is_chief)
    # This waits for all: none may see what the chief writes from here on.
    if workers.mean(float(step or 0)) != (step or 0):
        raise InputError(
            f"--workdir={run.path}: this worker finds step {step or 0} there, and "
            "another worker another; expected one directory that all of them share"
        )
    if step is not None:
        log.info("Resuming %s at step %d.", run.path, step)
        return step
    if has_progress:
        raise InputError(
            f"--workdir={run.path}: {run.metrics} tells of earlier training, but "
            f"{run.checkpoints} holds no checkpoint. Put the checkpoints back, or "
            "choose another --workdir"
        )
    log.info("Starting %s at step 0.", run.path)
    return 0


def _next_stop(step: int, steps: int, config: Config) -> int:
    """Returns the step before which the host has nothing to do."""
    stops = [step + config.steps_per_call, steps]
    for every in (
        config.log_every,
        config.sample_every,
        config.evaluate_every,
        config.checkpoint_every,
    ):
        if every:
            stops.append((step // every + 1) * every)
    return min(stops)


def _is_due(every: int, step: int, steps: int) -> bool:
    """Tells whether it is time for what happens every so many steps and at the end."""
    return every > 0 and (step % every == 0 or step == steps)


class _Totals:
    """Means of metrics over several calls."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._steps = 0

    def add(self, means: dict[str, float], steps: int) -> None:
        for tag, mean in means.items():
            self._sums[tag] = self._sums.get(tag, 0.0) + mean * steps
        self._steps += steps

    def take(self) -> dict[str, float]:
        means = {tag: total / self._steps for tag, total in self._sums.items()}
        self._sums, self._steps = {}, 0
        return means


def _report(
    step: int,
    steps: int,
    totals: _Totals,
    chronometer: Chronometer,
    summaries: Summaries,
    description: RunDescription,
    log: logging.Logger,
) -> None:
    """Writes the status line, TensorBoard's scalars and a line of metrics.jsonl."""
    values = totals.take()
    seconds = chronometer.seconds_per_step()
    chronometer.reset()
    values["perf/step_ms"] = 1000 * seconds
    values["perf/images_per_sec"] = description.config.batch_size / seconds
    epoch = step / description.steps_per_epoch
    log.info(format_status(step, steps, epoch, values, _STATUS_TAGS))
    timed = {tag: value for tag, value in values.items() if math.isfinite(value)}
    summaries.write_scalars(step, timed)
    summaries.run.append_metrics({"step": step, **timed})


def _raise_if_not_finite(
    values: dict[str, float], first: int, last: int, run: RunDirectory
) -> None:
    for tag, value in values.items():
        if not math.isfinite(value):
            raise InputError(
                f"{tag} is {value} within steps {first + 1}-{last}; the checkpoints in "
                f"{run.checkpoints} are from before and finite. Train again with a "
                "lower --learning_rate or with --mixed_precision=none"
            )


@contextmanager
def _log_of(run: RunDirectory, workers: Workers) -> Iterator[logging.Logger]:
    """Yields a logger to standard output and, of the chief, to the run's log.txt."""
    # Not one of the process's: another thread may train another run.
    log = logging.Logger("text_to_image.training", logging.INFO)
    log.addHandler(logging.StreamHandler(sys.stdout))
    with ExitStack() as stack:
        if workers.is_chief:
            file = open(run.log, "a", encoding="utf-8", newline="\n")  # noqa: SIM115
            handler = logging.StreamHandler(stack.enter_context(file))
            handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
            log.addHandler(handler)
        yield log
