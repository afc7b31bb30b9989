"""The inception score of generated images, by any classifier."""

import numpy as np

from text_to_image.data.cache import Cache
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.evaluations.feature_scores import BLURS, network_protocol
from text_to_image.evaluations.real_features import RealFeatures
from text_to_image.evaluations.score import Score
from text_to_image.evaluations.scored_images import ScoredImages
from text_to_image.metrics.inception_score import inception_score

_SPLITS = 10


def class_score(
    scored: ScoredImages,
    cache: Cache,
    split_name: str,
    classifier: FeatureModel,
    seed: int,
) -> Score:
    """Returns the inception score over the classes that a classifier knows.

    Args:
        scored: what is scored.
        cache: of the data set.
        split_name: that the images are of.
        classifier: gives class probabilities; its classes need not be the split's.
        seed: of the ten parts.
    """
    probabilities = classifier(scored.generated, "classes").probabilities
    real = RealFeatures(cache, classifier)

    def score(probabilities: np.ndarray) -> tuple[float, float]:
        return inception_score(probabilities, _SPLITS, seed=seed)

    def of_real(blur: int) -> float:
        rows = real.of_split(split_name, blur).probabilities[scored.rows]
        return score(rows)[0]

    mean, sd = score(probabilities)
    return Score(
        metric=f"inception_score_{classifier.name}",
        generated=mean,
        error=sd,
        error_is=f"standard deviation of {_SPLITS} parts",
        real=of_real(0),
        real_is="the captions' images",
        controls={f"real, blurred by {blur}": of_real(blur) for blur in BLURS},
        protocol={
            **network_protocol(classifier, scored),
            "classes": f"{classifier.num_classes} of {classifier.name}",
            "parts": _SPLITS,
        },
    )
