"""Reads what images are made from out of the directory of a trained run."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
from pathlib import Path

import keras

from foundation.checkpoints import Checkpoints
from foundation.errors import InputError
from text_to_image.gan import sampling_generator_name
from text_to_image.runs.best_checkpoint import read_best
from text_to_image.runs.checkpoint_choice import parse_checkpoint
from text_to_image.runs.directory import RunDirectory
from text_to_image.runs.parts import ModelParts, make_parts


def read_trained_run(
    workdir: str | Path, checkpoint: str = "", ema: bool = True
) -> ModelParts:
    """Reads a checkpoint of a run, and its encoder.

    Args:
        workdir: what `train.py` wrote.
        checkpoint: "best", "latest", a step or the path of a checkpoint; empty: the
            best where one was kept, otherwise the latest.
        ema: take the moving average of G where the run has one; else G itself, which
            `best/` does not hold.

    Raises:
        InputError: no run there, no such checkpoint, one of another architecture, or
            another encoder than the run was trained with.
    """
    run, chosen = RunDirectory(workdir), parse_checkpoint(checkpoint)
    parts = make_parts(run.read_description(), run.encoder)
    name = sampling_generator_name(parts.description.config)
    if not ema and name != "generator":
        name, parts = "generator", parts._replace(ema_decay=0.0)
        if chosen == "best":
            raise InputError(
                f"--checkpoint=best --noema: {run.best} holds the moving average of G "
                "only, expected --checkpoint=latest or a step"
            )
        chosen = chosen or "latest"
    step = keras.Variable(0, dtype="int64", trainable=False)
    objects = {name: parts.generator, "text_scaling": parts.text_scaling, "step": step}
    checkpoints = Checkpoints(run.checkpoints, objects, step)
    best = read_best(run) if chosen in ("", "best") else None
    if best is not None:
        Checkpoints(run.best, objects, step).restore_step(best.step)
    elif chosen == "best":
        raise InputError(
            f"--checkpoint=best: no best.json in {run.best}, expected a run that was "
            "evaluated while it was trained. Use --checkpoint=latest"
        )
    elif isinstance(chosen, int):
        checkpoints.restore_step(chosen)
    elif isinstance(chosen, Path):
        named = int(chosen.name.removeprefix("ckpt-"))
        Checkpoints(chosen.parent, objects, step).restore_step(named)
    elif checkpoints.restore() is None:
        raise InputError(
            f"--workdir={run.path}: no checkpoint there yet, expected one in "
            f"{run.checkpoints}. Train with: {run.resume_command()}"
        )
    return parts._replace(step=int(step.numpy()), score=best)
