"""The style encoders of several runs, to be compared."""

from collections.abc import Sequence
from typing import Any

from foundation.errors import InputError
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.style.inversion import StyleReader, load_style_encoder


def load_style_encoders(
    workdir: str, model: TextToImage, others: Sequence[str], dataset: str
) -> tuple[dict[str, StyleReader], dict[str, dict[str, Any]]]:
    """Loads S of a run and of others, and describes them, by their names.

    Args:
        workdir: of the first run.
        model: of the first run.
        others: directories of the other runs.
        dataset: whose images are compared.

    Raises:
        InputError: a run without S, or of another data set.
    """
    style_encoders, runs = {}, {}
    for path in [workdir, *others]:
        run_model = model if path == workdir else TextToImage.load(path)
        description = run_model.description
        if description.dataset != dataset:
            raise InputError(
                f"--compare={path}: trained on {description.dataset}, expected a "
                f"run on {dataset}, whose images are compared"
            )
        objective = description.config.objective
        name = f"S of {path} ({objective})"
        style_encoders[name] = load_style_encoder(path, run_model)
        runs[path] = {"objective": objective, "step": run_model.step}
    return style_encoders, runs
