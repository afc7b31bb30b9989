"""The loop of every objective: resume, call, log, save."""

import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from foundation.checkpoints import Checkpoints
from foundation.errors import InputError
from foundation.keras_settings import float32_optimizers

_STEPS_PER_CALL = 10
_STEPS_PER_CHECKPOINT = 200


class Optimisation(Protocol):
    """What `fit` reads of a configuration."""

    @property
    def steps(self) -> int:
        """Updates in all."""

    @property
    def learning_rate(self) -> float:
        """Adam's."""

    @property
    def clip_norm(self) -> float:
        """The most that the global norm of the gradient may be."""


def fit(
    model: keras.Model,
    objective: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
    config: Optimisation,
    unit: str,
    folder: Path | None = None,
    progress: bool = True,
) -> None:
    """Minimises an objective by Adam, beginning where an earlier call was killed.

    Args:
        model: every variable of it that is trainable is trained.
        objective: gives, for an int32 step, the losses of a batch `[B]`, whose mean is
            minimised, and the number of `unit`s in it, float32. A function of the step
            alone, or a resumed run differs.
        config: number of steps, learning rate and limit of the gradient.
        unit: what progress is counted in, as "words".
        folder: for `checkpoints/` and, where TensorBoard is installed, its curves in
            `tb/`; None keeps nothing.
        progress: show a bar.

    Raises:
        InputError: a loss that is not finite; earlier checkpoints stay.
    """
    with float32_optimizers():
        optimizer = keras.optimizers.Adam(
            config.learning_rate, epsilon=1e-8, global_clipnorm=config.clip_norm
        )
    optimizer.build(model.trainable_variables)
    step = keras.Variable(0, dtype="int32", trainable=False, name="step")

    @tf.function(input_signature=[tf.TensorSpec((), tf.int32)])
    def train_steps(count: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        total, units = tf.constant(0.0), tf.constant(0.0)
        for _ in tf.range(count):
            with tf.GradientTape() as tape:
                losses, number = objective(step.value)
                loss = tf.reduce_mean(losses)
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
            step.assign_add(1)
            total += tf.reduce_sum(losses)
            units += number
        return total / units, units

    checkpoints = None
    if folder is not None:
        objects = {"model": model, "optimizer": optimizer, "step": step}
        checkpoints = Checkpoints(folder / "checkpoints", objects, step)
        checkpoints.remove_unfinished()
        checkpoints.restore(set_aside=True)
    # TensorFlow no longer brings TensorBoard along, which writes the scalars.
    writer = None
    if folder is not None and importlib.util.find_spec("tensorboard"):
        writer = tf.summary.create_file_writer(str(folder / "tb"))
    done = int(step.value)
    with tqdm(
        total=config.steps,
        initial=done,
        unit="step",
        desc=f"{type(model).__name__} {model.name}",
        disable=None if progress else True,
    ) as bar:
        while done < config.steps:
            count = min(_STEPS_PER_CALL, config.steps - done)
            start = time.perf_counter()
            loss, units = map(float, train_steps(tf.constant(count)))
            speed = units / (time.perf_counter() - start)
            if not np.isfinite(loss):
                raise InputError(
                    f"the loss of {model.name} is {loss} within steps {done + 1}-"
                    f"{done + count}; train again with a lower --learning_rate"
                )
            done += count
            bar.set_postfix_str(f"loss {loss:.3f}, {speed:.0f} {unit}/s")
            bar.update(count)
            if writer is not None:
                with writer.as_default(step=done):
                    tf.summary.scalar(f"loss/{model.name}", loss)
                    tf.summary.scalar(f"perf/{unit}_per_sec", speed)
            if checkpoints and (
                done % _STEPS_PER_CHECKPOINT == 0 or done == config.steps
            ):
                checkpoints.save()
    if writer is not None:
        writer.close()
