"""A trained model as a small directory that needs nothing else: what is released.

`model.json` describes it and has the sha256 of every other file; `weights.npz` holds
the generator and the text scaling, `encoder/` the skip-thought encoder. Nothing in it
is pickled, and no path of the machine that it was made on is in it.
"""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from foundation import hints
from foundation.atomic import new_directory, sha256_of, write_text
from foundation.errors import InputError
from skipthoughts.half_tables import half, save_with_half_tables
from text_to_image.best_checkpoint import BestScore
from text_to_image.cache import Cache
from text_to_image.model_parts import ModelParts, make_parts
from text_to_image.models import Generator
from text_to_image.run_directory import RunDescription

if TYPE_CHECKING:
    from text_to_image.sampling import TextToImage

FORMAT = 1
_DESCRIPTION, _WEIGHTS, _ENCODER = "model.json", "weights.npz", "encoder"


def is_released_model(path: str | Path) -> bool:
    """Tells a released model from anything else."""
    return (Path(path) / _DESCRIPTION).is_file()


def check_export(directory: str | Path) -> None:
    """Refuses a directory that `export` must not replace; it changes nothing.

    Raises:
        InputError: it holds something that is not a released model's.
    """
    path = Path(directory)
    if path.exists() and not path.is_dir():
        raise InputError(f"--export={path}: is a file, expected a new directory")
    present = {entry.name for entry in path.iterdir()} if path.exists() else set()
    foreign = present - {_DESCRIPTION, _WEIGHTS, _ENCODER}
    if foreign or (present and not is_released_model(path)):
        raise InputError(
            f"--export={path}: holds {min(foreign or present)}, which is no part of a "
            "released model and would be lost; expected a new directory"
        )


def export(model: "TextToImage", directory: str | Path) -> int:
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
            f"--export={directory}: cannot be written ({error.strerror or error}); "
            "expected a directory of yours on a disk with space, choose another one"
        ) from error


def _write(model: "TextToImage", directory: Path) -> None:
    encoder = save_with_half_tables(model.encoder, directory / _ENCODER)
    np.savez(
        directory / _WEIGHTS,
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
    write_text(directory / _DESCRIPTION, json.dumps(content, indent=2) + "\n")


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


def read_released_model(
    directory: str | Path, checkpoint: str = "", ema: bool = True
) -> ModelParts:
    """Reads what `export` wrote; every file is compared with its sha256 first.

    Args:
        directory: of the released model.
        checkpoint: must be empty: there is only one.
        ema: must be true: only what pictures are made from is there.

    Raises:
        InputError: a checkpoint or G itself is asked for, or a file is missing or
            damaged.
    """
    directory = Path(directory)
    if checkpoint or not ema:
        flag = f"--checkpoint={checkpoint}" if checkpoint else "--noema"
        raise InputError(
            f"{flag}: {directory} is a released model, which has one generator only; "
            "leave the flag out"
        )
    try:
        content = json.loads((directory / _DESCRIPTION).read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, expected {FORMAT}")
        description = RunDescription.from_dict(content["description"])
        score = content["score"] and BestScore(**content["score"])
        step = int(content["step"])
        files = dict(content["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(directory / _DESCRIPTION, f"cannot be read ({error})") from error
    for name in sorted({_WEIGHTS, *files}):
        _check_file(directory / name, str(files.get(name)))
    parts = make_parts(description, directory / _ENCODER)
    _load_weights(parts, directory / _WEIGHTS)
    return parts._replace(step=step, score=score)


def open_cache(
    directory: str | Path, description: RunDescription, cache_dir: str
) -> Cache:
    """Opens a cache whose caption vectors are those that the model reads.

    Args:
        directory: of the released model.
        description: of the run that it is of.
        cache_dir: that of the run, or one that was made with `directory/encoder`.

    Raises:
        InputError: no cache there, or one of another encoder or data set.
    """
    make = hints.command(
        "-m data_prep",
        f"--dataset={description.dataset}",
        f"--encoder={Path(directory) / _ENCODER}",
        f"--cache_dir={cache_dir or 'data/X'}",
    )
    if not cache_dir:
        raise InputError(
            f"{directory} is a released model, which names no cache: expected one made "
            f"with its encoder, by --cache_dir. Make it with: {make}"
        )
    cache = Cache(cache_dir)
    same_text = cache.encoder_id == description.encoder_id
    same_run = cache.manifest_sha256 == description.manifest_sha256
    if cache.dataset != description.dataset or not (same_text or same_run):
        raise InputError(
            f"--cache_dir={cache_dir}: {cache.dataset} with encoder "
            f"{cache.encoder_id[:12]}, expected {description.dataset} with encoder "
            f"{description.encoder_id[:12]}. Make it with: {make}"
        )
    return cache


def _check_file(path: Path, expected: str) -> None:
    if not path.is_file():
        raise _damaged(path, "is missing")
    found = sha256_of(path)
    if found != expected:
        raise _damaged(path, f"has sha256 {found[:12]}, expected {expected[:12]}")


def _load_weights(parts: ModelParts, path: Path) -> None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for name, layer in (
                ("generator", parts.generator),
                ("text_scaling", parts.text_scaling),
            ):
                count = len(layer.weights)
                layer.set_weights([arrays[f"{name}_{i:03d}"] for i in range(count)])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = str(error).partition("\n")[0]
        raise _damaged(path, f"does not fit {_DESCRIPTION} ({reason})") from error


def _damaged(path: Path, what: str) -> InputError:
    return InputError(
        f"{path}: {what}; expected the file of a released model. Copy it again, or "
        "write it anew with: "
        + hints.command("generate.py", "--workdir=RUN", "--export=DIR")
    )
