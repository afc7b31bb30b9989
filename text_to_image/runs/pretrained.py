"""Where the released model is that comes with the package."""

import importlib.resources
from pathlib import Path

from foundation import hints
from foundation.errors import InputError


def pretrained_path() -> Path:
    """Returns the directory of the released model within the package.

    Raises:
        InputError: this copy of the package has none.
    """
    package = Path(str(importlib.resources.files("text_to_image")))
    path = package / "pretrained" / "flowers102"
    if not (path / "model.json").is_file():
        raise InputError(
            f"no --workdir, and {path} holds no model.json: expected the released "
            "model of the package. Name a run or a released model with --workdir, or "
            "train one with: "
            + hints.command(
                "train.py", *hints.flagfile("quickstart"), "--workdir=runs/quickstart"
            )
        )
    return path
