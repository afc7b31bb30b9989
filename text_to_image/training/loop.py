"""The training loop: resume, call, log, save, sample."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
import logging
from contextlib import nullcontext
from pathlib import Path

import tensorflow as tf

from foundation import hints
from foundation.checkpoints import Checkpoints
from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder
from text_to_image.config import Config
from text_to_image.data.batches import check_split
from text_to_image.data.cache import Cache, Split
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.data.streamed_dataset import StreamedDataset
from text_to_image.data.text_statistics import text_statistics
from text_to_image.gan import GAN
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.optimization.replicas import Workers
from text_to_image.runs.directory import RunDescription, RunDirectory
from text_to_image.runs.parts import ModelParts
from text_to_image.training.compiled_steps import compile_steps
from text_to_image.training.distribution import make_strategy
from text_to_image.training.interruption import Interruption
from text_to_image.training.preparation import (
    describe,
    finished_step,
    no_checkpoint,
)
from text_to_image.training.reporting import Progress, log_of, raise_if_not_finite
from text_to_image.training.summaries import Summaries
from text_to_image.training.validation import Evaluation


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
    description, steps = describe(config, cache)
    if finished := finished_step(run, description, steps):
        reached = f"already trained to step {finished}, --steps={steps}"
        print(f"{run.path}: {reached}: nothing to do")
        return newest_grid(run)
    lock = run.lock() if workers.is_chief else nullcontext()
    with lock, log_of(run, workers) as log, Interruption() as interrupted:
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
        run.write_description(description, cache)  # of a resumed run: once it is

    # Model
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    with strategy.scope():
        gan = GAN(config, cache.text_dim, description.steps_per_epoch)
    gan.set_text_statistics(*text_statistics(train_split, config.text_norm))
    checkpoints = _checkpoints(run, gan, log)
    step = _resume(run, checkpoints, has_progress, workers, log)
    with strategy.scope():
        train_steps = compile_steps(gan, _dataset(train_split, config, step))

    # Summaries
    progress = Progress(description, steps)
    if workers.is_chief:
        model = _model(description, cache, gan, step)
        summaries = Summaries(
            run, model, cache, config.sample_captions_file, log.warning
        )
        evaluate = None
        if config.evaluate_every:
            evaluate = Evaluation(gan, model, cache, summaries, log)
        if has_progress:
            run.update_description(description, step, log.info)
            run.forget_metrics_after(step)
        if step == 0:
            checkpoints.save()  # from now on there is always one to resume
            summaries.begin(dataclasses.asdict(config), train_split)
            summaries.write_samples(0)
        else:
            summaries.write_captions()
            # What a kill between a checkpoint and its samples left out.
            _look_at(step, steps, config, summaries, evaluate, missing_only=True)

    # Train
    log.info(
        "Training %s on %s to step %d; TensorBoard: %s",
        config.architecture,
        cache.dataset,
        steps,
        hints.command("tensorboard", f"--logdir={run.tensorboard}"),
    )
    ending = step >= steps
    while not ending:
        until = _next_stop(step, steps, config)
        progress.start()
        means = train_steps(tf.constant(until - step, tf.int32))
        values = {tag: float(mean) for tag, mean in means.items()}
        progress.add(values, until - step)
        raise_if_not_finite(values, step + 1, until, run)
        step = until
        # Asked once: a signal after this is for the next call, whose end is saved. One
        # that any worker is sent ends all.
        ending = step == steps or workers.mean(float(bool(interrupted))) > 0

        if not workers.is_chief:
            continue
        if step % config.log_every == 0 or ending:
            progress.report(step, summaries, log)
        # The checkpoint first: nothing that is only to be looked at may cost steps.
        if step % config.checkpoint_every == 0 or ending:
            checkpoints.save()
        _look_at(step, steps, config, summaries, evaluate)

    # End
    if workers.is_chief:
        summaries.close()
    workers.wait()  # none leaves before the chief has saved
    if step < steps:
        log.info(
            "Stopped at step %d and saved. Resume with: %s", step, run.resume_command()
        )
    return newest_grid(run)


def newest_grid(run: RunDirectory) -> Path:
    """Returns the path of the newest sample grid."""
    grids = sorted(run.samples.glob("step-*.png"))
    return grids[-1] if grids else run.samples / "init.png"


def _look_at(
    step: int,
    steps: int,
    config: Config,
    summaries: Summaries,
    evaluate: Evaluation | None,
    missing_only: bool = False,
) -> None:
    """Writes the samples of a step and evaluates it, where it is time to.

    Args:
        step: of the generator as it is.
        steps: of the whole run.
        config: says when it is time.
        summaries: of the run.
        evaluate: None where the run is not evaluated.
        missing_only: leave out what was done by an earlier call.
    """
    if _is_due(config.sample_every, step, steps) and not (
        missing_only and summaries.has_samples(step)
    ):
        summaries.write_samples(step)
    if (
        evaluate
        and _is_due(config.evaluate_every, step, steps)
        and not (missing_only and evaluate.is_done(step))
    ):
        evaluate(step)


def _checkpoints(run: RunDirectory, gan: GAN, log: logging.Logger) -> Checkpoints:
    """Makes what saves and restores all that a resumed run needs."""
    objects, keep = gan.checkpoint_objects(), gan.config.keep_checkpoints
    return Checkpoints(run.checkpoints, objects, gan.step, keep, log.warning)


def _dataset(
    split: Split, config: Config, step: int
) -> DeviceDataset | StreamedDataset:
    """Makes the data set that the configuration asks for."""
    if config.cache == "stream":
        return StreamedDataset(split, config, first_step=step)
    return DeviceDataset(split, config)


def _model(
    description: RunDescription, cache: Cache, gan: GAN, step: int
) -> TextToImage:
    """Makes what generates images with the generator that is trained."""
    return TextToImage(
        ModelParts(
            description,
            SkipThoughtEncoder.load(cache.encoder_dir),
            gan.sampling_generator,
            gan.text_scaling,
            step,
            ema_decay=description.config.ema_decay,
        )
    )


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
    step = checkpoints.restore(set_aside=workers.is_chief) if has_progress else None
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
        raise no_checkpoint(run)
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
