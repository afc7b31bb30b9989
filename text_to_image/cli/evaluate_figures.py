"""Draws the counterparts of the paper's figures, of a run.

  python evaluate.py figures --workdir=runs/quickstart

Writes them into runs/quickstart/figures/; docs/paper.md says which is which.
"""

from typing import TYPE_CHECKING, Any

from text_to_image.cli.evaluation_flags import SEED, SPLIT, measure
from text_to_image.cli.model_flags import WORKDIR

if TYPE_CHECKING:
    from text_to_image.data.cache import Cache
    from text_to_image.generation.text_to_image import TextToImage


def main(argv: list[str]) -> None:
    """Draws the figures of the run that the flags name."""
    measure(argv, "figures", _figures, of_runs=True)


def _figures(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.figures import draw_figures

    paths = draw_figures(model, cache, SPLIT.value, SEED.value, WORKDIR.value)
    for path in paths.values():
        print(f"wrote {path}")
    return []
