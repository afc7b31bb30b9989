"""What is known of a run, and checked, before it trains."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import math

from foundation.checkpoints import checkpoint_steps, is_whole
from foundation.errors import InputError
from text_to_image.config import Config
from text_to_image.data.batches import check_split
from text_to_image.data.cache import Cache
from text_to_image.runs.directory import RunDescription, RunDirectory
from text_to_image.training.distribution import make_strategy
from text_to_image.training.summaries import sample_captions
from text_to_image.training.validation import check_evaluation


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


def finished_step(run: RunDirectory, description: RunDescription, steps: int) -> int:
    """Returns the step that a run has reached, if there is nothing left to train.

    Args:
        run: its directory.
        description: of what is wanted.
        steps: that are wanted.

    Returns:
        The step of the newest checkpoint; 0 where that is less than `steps`, or cannot
        be read, so that an older one has to be gone on from.

    Raises:
        InputError: the run is of another configuration.
    """
    newest = max(checkpoint_steps(run.checkpoints), default=0)
    if not newest or newest < steps or not is_whole(run.checkpoints, newest):
        return 0
    run.check_resumable(description)
    return newest


def check_run(config: Config, cache: Cache, run: RunDirectory) -> None:
    """Makes the checks of a run that can be made without training, and writes nothing.

    Raises:
        InputError: what training would raise before its first step.
    """
    if config.distribute != "multiworker":  # which would wait for the others
        make_strategy(config)
    description, _ = describe(config, cache)
    check_split(cache.joined(config.training_splits), config.batch_size)
    run.check_writable()
    if run.has_progress():
        run.check_resumable(description)
        saved = checkpoint_steps(run.checkpoints)
        if not any(is_whole(run.checkpoints, step) for step in saved):
            raise no_checkpoint(run)
    if config.conditional:
        sample_captions(config.sample_captions_file, cache.split("test"))
    if config.evaluate_every:
        check_evaluation(config, cache)


def no_checkpoint(run: RunDirectory) -> InputError:
    """Returns what to raise where a run has progress, but nothing to resume."""
    return InputError(
        f"--workdir={run.path}: {run.metrics} tells of earlier training, but "
        f"{run.checkpoints} holds no checkpoint that can be read. Put the checkpoints "
        "back, or choose another --workdir"
    )
