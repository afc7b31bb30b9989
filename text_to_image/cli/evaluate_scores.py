r"""Measures quality, agreement with the text, and diversity.

  python evaluate.py scores --workdir=runs/quickstart
  python evaluate.py scores --workdir=runs/flowers102_cpu \
      --feature_model=efficientnet_lite0.keras --classifier=classifier.keras

On captions of classes that training did not see. With a feature model: KID, Frechet
distance, R-precision, diversity; with a classifier (evaluate.py classifier): inception
score; by pixels alone: colors that captions name, MS-SSIM, difference over noises.
Each is printed next to the same of real images and of a control. Appends to
metrics.jsonl of the run.
"""

from typing import TYPE_CHECKING, Any

from absl import flags

from foundation.flag_help import group
from text_to_image.cli.evaluation_flags import SEED, SPLIT, measure, protocol

if TYPE_CHECKING:
    from text_to_image.data.cache import Cache
    from text_to_image.generation.text_to_image import TextToImage

group("Scores")
_NUM_IMAGES = flags.DEFINE_integer(
    "num_images", 1000, "Images that are scored.", lower_bound=1
)
_FEATURE_MODEL = flags.DEFINE_string(
    "feature_model",
    "",
    "A Keras model, images 0-255 to features, as PATH.keras, or inception_v3.",
)
_CLASSIFIER = flags.DEFINE_string(
    "classifier",
    "",
    "What the inception score is of, as evaluate.py classifier writes it.",
)


def main(argv: list[str]) -> None:
    """Measures the scores of the model that the flags name."""
    measure(argv, "scores", _scores, of_runs=False)


def _scores(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.feature_model import FeatureModel
    from text_to_image.evaluations.score import format_record
    from text_to_image.evaluations.scores import measure_scores

    feature_model = classifier = None
    if _FEATURE_MODEL.value:
        feature_model = FeatureModel.named(_FEATURE_MODEL.value)
    if _CLASSIFIER.value:
        classifier = FeatureModel.load(_CLASSIFIER.value)
    scores = measure_scores(
        model,
        cache,
        SPLIT.value,
        _NUM_IMAGES.value,
        SEED.value,
        feature_model,
        classifier,
    )
    records = [score.record() for score in scores]
    for record in records:
        print(format_record({**record, **protocol(model, cache)}))
    return records
