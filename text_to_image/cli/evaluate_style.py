"""Measures what the style encoder tells apart (Sec. 5.3, Fig. 5).

  python train.py style --workdir=runs/quickstart
  python evaluate.py style --workdir=runs/quickstart --compare=runs/other

Does S tell images with the same background color from others, and do images in the
style of a photograph have its background? Writes style_roc.png and
style_segmentation.png into the run, and appends to its metrics.jsonl.
"""

from typing import TYPE_CHECKING, Any

from absl import flags

from foundation.flag_help import group
from text_to_image.cli.evaluation_flags import SEED, SPLIT, measure
from text_to_image.cli.model_flags import WORKDIR

if TYPE_CHECKING:
    from text_to_image.data.cache import Cache
    from text_to_image.generation.text_to_image import TextToImage

group("Style")
_COMPARE = flags.DEFINE_list(
    "compare", [], "Other runs on the same data set, as runs/Y,runs/Z."
)
_CLUSTERS = flags.DEFINE_integer(
    "clusters", 100, "Clusters of background colors (Sec. 5.3).", lower_bound=2
)
_NUM_IMAGES = flags.DEFINE_integer(
    "num_images", 500, "Images in other styles that are scored.", lower_bound=1
)


def main(argv: list[str]) -> None:
    """Measures the style encoders that the flags name."""
    measure(argv, "style", _style, of_runs=True)


def _style(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.compared_styles import load_style_encoders
    from text_to_image.evaluations.style import (
        format_table,
        measure_style,
        transfer_correlation,
    )
    from text_to_image.evaluations.style_figure import write_style_figures
    from text_to_image.runs.directory import RunDirectory

    run = WORKDIR.value
    encoders, runs = load_style_encoders(run, model, _COMPARE.value, cache.dataset)
    split, seed = cache.split(SPLIT.value), SEED.value
    verified = measure_style(encoders, split, _CLUSTERS.value, seed)
    own = next(iter(encoders.values()))
    transferred = transfer_correlation(model, own, split, _NUM_IMAGES.value, seed)
    title = f"{cache.dataset} {SPLIT.value} images, step {model.step}, seed {seed}"
    print(f"{title}\n{format_table(verified, transferred)}")
    for path in write_style_figures(verified, title, split, RunDirectory(run).path):
        print(f"wrote {path}")
    areas = {
        name: {"auc": curve["auc"], "auc_sd": curve["auc_sd"]}
        for name, curve in verified.pop("curves").items()
    }
    record = {"runs": runs, "areas": areas, "transfer": transferred}
    return [{"metric": "style_verification", **verified, **record}]
