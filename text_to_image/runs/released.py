"""A trained model as a small directory that needs nothing else: what is released.

`model.json` describes it and has the sha256 of every other file; `weights.npz` holds
the generator and the text scaling, `encoder/` the skip-thought encoder. Nothing in it
is pickled, and no path of the machine that it was made on is in it.
"""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
from pathlib import Path

from foundation import hints
from foundation.atomic import sha256_of
from foundation.boundary import inside, load_json, open_arrays, refusing
from foundation.errors import InputError
from text_to_image.runs.best_checkpoint import BestScore
from text_to_image.runs.directory import RunDescription
from text_to_image.runs.parts import ModelParts, make_parts

FORMAT = 1
DESCRIPTION, WEIGHTS, ENCODER = "model.json", "weights.npz", "encoder"


def is_released_model(path: str | Path) -> bool:
    """Tells a released model from anything else."""
    return (Path(path) / DESCRIPTION).is_file()


def read_released_model(
    directory: str | Path, checkpoint: str = "", ema: bool = True
) -> ModelParts:
    """Reads what `export` wrote; every file is compared with its sha256 first.

    Args:
        directory: of the released model.
        checkpoint: must be empty: there is only one.
        ema: must be true: only what images are made from is there.

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
    with refusing(lambda r: _damaged(directory / DESCRIPTION, f"cannot be read ({r})")):
        content = load_json(directory / DESCRIPTION, dict)
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, expected {FORMAT}")
        description = RunDescription.from_dict(content["description"])
        score = content["score"] and BestScore.from_dict(content["score"])
        step = int(content["step"])
        files = dict(content["files"])
        paths = {name: inside(directory, name) for name in sorted({WEIGHTS, *files})}
    for name, path in paths.items():
        _check_file(path, str(files.get(name)))
    parts = make_parts(description, directory / ENCODER)
    _load_weights(parts, directory / WEIGHTS)
    return parts._replace(step=step, score=score)


def _check_file(path: Path, expected: str) -> None:
    if not path.is_file():
        raise _damaged(path, "is missing")
    found = sha256_of(path)
    if found != expected:
        raise _damaged(path, f"has sha256 {found[:12]}, expected {expected[:12]}")


def _load_weights(parts: ModelParts, path: Path) -> None:
    with (
        refusing(lambda r: _damaged(path, f"does not fit {DESCRIPTION} ({r})")),
        open_arrays(path) as arrays,
    ):
        for name, layer in (
            ("generator", parts.generator),
            ("text_scaling", parts.text_scaling),
        ):
            count = len(layer.weights)
            layer.set_weights([arrays[f"{name}_{i:03d}"] for i in range(count)])


def _damaged(path: Path, what: str) -> InputError:
    return InputError(
        f"{path}: {what}; expected the file of a released model. Copy it again, or "
        "write it anew with: "
        + hints.command("generate.py", "export", "--workdir=RUN", "--output=DIR")
    )
