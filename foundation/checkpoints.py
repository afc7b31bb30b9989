"""Checkpoints of a run: saved whole, found without a state file, restored exactly.

TensorFlow writes `ckpt-N.index` last, so a checkpoint is there when its index is. There
is no state file that names the newest: what could be lost or garbled is not needed.
"""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from absl import logging

from foundation.boundary import reason_of
from foundation.errors import InputError


class Checkpoints:
    """The checkpoints of one run directory.

    Args:
        directory: the folder `checkpoints/` of the run.
        objects: what to save and restore, by name: anything with `weights` or
            `variables`, or a variable. A reader may name fewer than the writer did.
        step: the variable that counts iterations; one of `objects`.
        keep: how many of the newest to keep.
        warn: told of a checkpoint that cannot be read.
    """

    def __init__(
        self,
        directory: Path,
        objects: dict[str, Any],
        step: keras.Variable,
        keep: int = 3,
        warn: Callable[[str], None] = logging.warning,
    ):
        self.directory = directory
        self.step = step
        self.keep = keep
        self._warn = warn
        # By number, as attribute paths within Keras layers change between releases.
        self._variables = {n: _Variables(target) for n, target in objects.items()}
        self._checkpoint = tf.train.Checkpoint(**self._variables)

    def steps(self) -> list[int]:
        """Returns the steps that have a checkpoint, newest first."""
        return checkpoint_steps(self.directory)

    def save(self) -> Path:
        """Writes the checkpoint of the model's current step, then drops old ones.

        Raises:
            InputError: the disk is full or not writable; earlier checkpoints stay.
        """
        step = int(self.step.numpy())
        prefix = self.directory / f"ckpt-{step}"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._checkpoint.write(str(prefix))
        except (OSError, tf.errors.OpError) as error:
            self.remove_unfinished()
            if not is_whole(self.directory, step):  # its index may be there, half
                self._delete(step)
            free = shutil.disk_usage(self.directory).free
            raise InputError(
                f"{prefix}: cannot save the checkpoint ({reason_of(error)}), "
                f"{free:,} bytes free there; earlier checkpoints are whole. Make room, "
                "then run the same command again"
            ) from error
        for old in self.steps()[self.keep :]:
            self._delete(old)
        return prefix

    def restore(self, set_aside: bool = False) -> int | None:
        """Restores the newest checkpoint that can be read.

        Args:
            set_aside: rename newer ones that cannot be read, so that they are not
                taken for progress again. Nothing is deleted.

        Returns:
            Its step, or None where there is no checkpoint at all.

        Raises:
            InputError: there are checkpoints, and none can be read; or the newest that
                can is of another architecture.
        """
        problem, unreadable = "", []
        for step in self.steps():
            prefix = self.directory / f"ckpt-{step}"
            try:
                self._read(prefix)
            except InputError:  # a misfit: older ones are of the same architecture
                raise
            except Exception as error:  # TensorFlow's, of a checkpoint in any state
                problem = f"{prefix} cannot be read ({reason_of(error)})"
                self._warn(f"{problem}; trying the one before it.")
                unreadable.append(prefix)
                continue
            for prefix in unreadable if set_aside else []:
                os.rename(f"{prefix}.index", f"{prefix}.index.unreadable")
            return step
        if not problem:
            return None
        raise InputError(
            f"{problem}, and no other checkpoint can; expected a whole one. Put a copy "
            "back, or train anew with another --workdir"
        )

    def restore_step(self, step: int) -> None:
        """Restores the checkpoint of one step.

        Raises:
            InputError: there is none, it cannot be read, or is of another architecture.
        """
        prefix = self.directory / f"ckpt-{step}"
        if step not in self.steps():
            there = ", ".join(map(str, self.steps())) or "none"
            raise InputError(
                f"{prefix}: no such checkpoint, expected one of those there: {there}"
            )
        try:
            self._read(prefix)
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"{prefix} cannot be read ({reason_of(error)}); expected a whole "
                "checkpoint. Put a copy back, or take another one"
            ) from error

    def _read(self, prefix: Path) -> None:
        self._check_shapes(prefix)
        status = self._checkpoint.read(str(prefix))
        status.assert_existing_objects_matched().expect_partial()

    def _check_shapes(self, prefix: Path) -> None:
        """Compares sizes first: TensorFlow reports a misfit in hundreds of lines."""
        shapes = tf.train.load_checkpoint(str(prefix)).get_variable_to_shape_map()
        for name, tracked in self._variables.items():
            for i, variable in enumerate(tracked.variables_by_number):
                key = f"{name}/variables_by_number/{i}/.ATTRIBUTES/VARIABLE_VALUE"
                found, wanted = shapes.get(key), variable.shape.as_list()
                if found != wanted:
                    raise InputError(
                        f"{prefix} cannot be read: variable {i} of {name} has shape "
                        f"{found}, expected {wanted}. Expected one of the architecture "
                        f"that {self.directory.parent} describes, train anew with "
                        "another --workdir"
                    )

    def remove_unfinished(self) -> None:
        """Removes what a killed save left behind."""
        for path in self.directory.glob("ckpt-*_temp*"):
            shutil.rmtree(path, ignore_errors=True)

    def _delete(self, step: int) -> None:
        # The index first: without it the rest is not a checkpoint.
        for path in sorted(self.directory.glob(f"ckpt-{step}.*"), reverse=True):
            path.unlink()


def checkpoint_steps(directory: Path) -> list[int]:
    """Returns the steps of the checkpoints in a folder, newest first."""
    matches = (
        re.fullmatch(r"ckpt-(\d+)\.index", path.name)
        for path in directory.glob("ckpt-*.index")
    )
    return sorted((int(match[1]) for match in matches if match), reverse=True)


def is_whole(directory: Path, step: int) -> bool:
    """Tells whether all of a checkpoint can be read; TensorFlow compares checksums."""
    try:
        reader = tf.train.load_checkpoint(str(directory / f"ckpt-{step}"))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
        return True
    except Exception:
        return False


class _Variables(tf.Module):
    """Tracks the TensorFlow variables of a model, layer, optimiser or variable."""

    def __init__(self, target: object):
        super().__init__()
        if hasattr(target, "weights"):
            variables = target.weights
        elif hasattr(target, "variables"):
            variables = target.variables
        else:
            variables = [target]
        self.variables_by_number = [variable.value for variable in variables]
