"""Measures whether petals have the color that their caption names.

  python evaluate.py colors --workdir=runs/quickstart

The color is read back from generated images of captions of unseen classes, by a reader
that is made for drawn flowers. References: real images, and captions shuffled. Also
prints how much the images of one caption differ. Appends to metrics.jsonl of the run.
"""

from typing import TYPE_CHECKING, Any

from absl import flags

from foundation.flag_help import group
from text_to_image.cli.evaluation_flags import SEED, SPLIT, measure

if TYPE_CHECKING:
    from text_to_image.data.cache import Cache
    from text_to_image.generation.text_to_image import TextToImage

group("Colors")
_NUM_IMAGES = flags.DEFINE_integer(
    "num_images", 500, "Images that are scored.", lower_bound=1
)


def main(argv: list[str]) -> None:
    """Measures the colors of the model that the flags name."""
    measure(argv, "colors", _colors, of_runs=False)


def _colors(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.colors import format_table, measure_colors

    split = cache.split(SPLIT.value)
    result = measure_colors(model, split, _NUM_IMAGES.value, SEED.value)
    title = f"{cache.dataset} {SPLIT.value} captions, step {model.step}"
    print(format_table(result, f"{title}, seed {SEED.value}"))
    return [{"metric": "color_agreement", **result}]
