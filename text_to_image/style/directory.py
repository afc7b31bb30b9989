"""The directory `WORKDIR/style_encoder/`: which generator S inverts, and S itself."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from absl import logging

from foundation import hints
from foundation.atomic import write_text
from foundation.boundary import load_json, reading, refusing
from foundation.errors import InputError
from foundation.keras_files import load_keras_model, save_keras_model
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.models import StyleEncoder
from text_to_image.runs.directory import RunDirectory


class StyleEncoderDirectory:
    """Reads and writes the style encoder of one run.

    `style_encoder.json` describes what is trained, `style_encoder.keras` is there once
    that is done; `checkpoints/` and `tb/` are the training's.

    Args:
        workdir: the run directory.
    """

    def __init__(self, workdir: str | Path):
        self.path = RunDirectory(workdir).path / "style_encoder"
        self.description = self.path / "style_encoder.json"
        self.model = self.path / "style_encoder.keras"
        self._mend = hints.command("train.py", "style", f"--workdir={workdir}")

    def begin(self, model: TextToImage, config: dict[str, Any]) -> None:
        """Records what is trained, or compares it with an earlier call's.

        1. S of another generator: of no use any more, so that it is replaced.
        2. S of this generator, trained in another way: an error; it may be of use.
        3. The same way, and not fewer steps: the checkpoints are resumed.

        Args:
            model: the run whose generator is inverted.
            config: how S is trained, the fields of `StyleEncoderConfig`.

        Raises:
            InputError: case 2, or a description that cannot be read.
        """
        generator = sha256_of_generator(model)
        if self.description.is_file():
            found = self._read_description()
            if found["generator_sha256"] == generator:
                self._check_resumable(found["config"], config)
            else:
                logging.warning(
                    "%s inverts step %s; one for step %s replaces it.",
                    self.path,
                    found["generator_step"],
                    model.step,
                )
                shutil.rmtree(self.path)
        self.path.mkdir(exist_ok=True)
        # Until the end there is none: the earlier S must not be taken for this one.
        self.model.unlink(missing_ok=True)
        run = model.description.config
        description = {
            "generator_step": model.step,
            "generator_sha256": generator,
            "architecture": run.architecture,
            "config": config,
        }
        write_text(self.description, json.dumps(description, indent=2) + "\n")

    def save(self, network: StyleEncoder) -> None:
        """Writes S whole or not at all."""
        save_keras_model(network, self.model)

    def load(self, model: TextToImage) -> StyleEncoder:
        """Reads S.

        Args:
            model: the run, with the generator that S should invert.

        Raises:
            InputError: S is missing, was not trained to its end, inverts another step
                of the generator, or cannot be read.
        """
        if not self.model.is_file():
            raise InputError(
                f"{self.model}: missing, expected a style encoder that was trained to "
                f"its end. Train it with: {self._mend}"
            )
        found = self._read_description()
        if found["generator_sha256"] != sha256_of_generator(model):
            raise InputError(
                f"{self.model}: inverts the generator of step "
                f"{found['generator_step']}, expected one for {model.checkpoint}. "
                f"Train it anew with: {self._mend}"
            )
        expected = f"the file that train.py wrote. Write it anew with: {self._mend}"
        with reading(self.model, expected):
            return load_keras_model(self.model)

    def _check_resumable(self, before: dict[str, Any], wanted: dict[str, Any]) -> None:
        for name, value in wanted.items():
            found = before.get(name)
            # More steps go on where fewer ended.
            if value == found or (name == "steps" and value > before["steps"]):
                continue
            raise InputError(
                f"{self.path} holds a style encoder trained with --{name}={found}, now "
                f"{value}: repeat that value, or train anew after: "
                + hints.removal(self.path)
            )

    def _read_description(self) -> dict[str, Any]:

        def told(reason: str) -> InputError:
            return InputError(
                f"{self.description}: not the description of a style encoder "
                f"({reason}); expected the file that train.py wrote. Train anew with: "
                f"{hints.removal(self.path)}; {self._mend}"
            )

        with refusing(told):
            found = load_json(self.description, dict)
            return {
                "generator_step": found["generator_step"],
                "generator_sha256": found["generator_sha256"],
                "config": dict(found["config"], steps=int(found["config"]["steps"])),
            }


def sha256_of_generator(model: TextToImage) -> str:
    """Identifies the weights: a run that was trained anew may be at the same step."""
    digest = hashlib.sha256()
    for layer in (model.generator, model.text_scaling):
        for weight in layer.get_weights():
            digest.update(weight.tobytes())
    return digest.hexdigest()
