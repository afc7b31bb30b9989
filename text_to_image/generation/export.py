"""Writes a trained model as a released one, which `runs/released.py` reads."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from foundation.atomic import new_directory, sha256_of, write_text
from foundation.errors import InputError
from skipthoughts.words.half_tables import half, save_with_half_tables
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.models import Generator
from text_to_image.runs.released import (
    DESCRIPTION,
    ENCODER,
    FORMAT,
    WEIGHTS,
    is_released_model,
)


def check_export(directory: str | Path) -> None:
    """Refuses a directory that `export` must not replace; it changes nothing.

    Raises:
        InputError: it holds something that is not a released model's.
    """
    path = Path(directory)
    if path.exists() and not path.is_dir():
        raise InputError(f"--output={path}: is a file, expected a new directory")
    present = {entry.name for entry in path.iterdir()} if path.exists() else set()
    foreign = present - {DESCRIPTION, WEIGHTS, ENCODER}
    if foreign or (present and not is_released_model(path)):
        raise InputError(
            f"--output={path}: holds {min(foreign or present)}, which is no part of a "
            "released model and would be lost; expected a new directory"
        )


def export(model: TextToImage, directory: str | Path) -> int:
    """Writes a released model, all or nothing.

    Kernels and word vectors are stored as float16, everything else as float32.

    Args:
        model: what to release.
        directory: a new or empty one, or that of a released model, which is replaced.

    Returns:
        Bytes of all files together.

    Raises:
        InputError: the directory holds anything else or cannot be written, or a weight
            is not finite.
    """
    check_export(directory)
    try:
        with new_directory(directory) as incomplete:
            _write(model, incomplete)
            return sum(path.stat().st_size for path in _files_in(incomplete))
    except OSError as error:
        raise InputError(
            f"--output={directory}: cannot be written ({error.strerror or error}); "
            "expected a directory of yours on a disk with space, choose another one"
        ) from error


def _write(model: TextToImage, directory: Path) -> None:
    encoder = save_with_half_tables(model.encoder, directory / ENCODER)
    np.savez(
        directory / WEIGHTS,
        **_numbered("generator", _compact_weights(model.generator)),
        **_numbered("text_scaling", model.text_scaling.get_weights()),
    )
    # Paths of the machine that trained it are of no use anywhere else.
    config = dataclasses.replace(
        model.description.config,
        cache_dir="",
        sample_captions_file="",
        feature_model="",
    )
    description = dataclasses.replace(
        model.description, config=config, encoder_id=encoder.id
    )
    content = {
        "format": FORMAT,
        "step": model.step,
        "score": model.score and dataclasses.asdict(model.score),
        "description": dataclasses.asdict(description),
        "files": {
            path.relative_to(directory).as_posix(): sha256_of(path)
            for path in _files_in(directory)
        },
    }
    write_text(directory / DESCRIPTION, json.dumps(content, indent=2) + "\n")


def _compact_weights(generator: Generator) -> list[np.ndarray]:
    """Returns kernels as float16 and vectors, which are small, as float32.

    A kernel that the generator computes with in bfloat16 is rounded to it first: what
    float16 then holds of it is just what the generator reads.
    """
    weights = []
    for weight in generator.weights:
        if weight.ndim > 1:
            rounded = ops.cast(ops.cast(weight, generator.compute_dtype), "float32")
            weights.append(half(ops.convert_to_numpy(rounded)))
        else:
            weights.append(ops.convert_to_numpy(weight))
    return weights


def _numbered(name: str, arrays: list[np.ndarray]) -> dict[str, Any]:
    # By number, as in checkpoints: Keras's paths change between releases.
    return {f"{name}_{i:03d}": array for i, array in enumerate(arrays)}


def _files_in(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())
