"""Scores by a feature network: KID, Fréchet distance, R-precision, diversity."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from text_to_image.data.cache import Cache
from text_to_image.evaluations.feature_model import INCEPTION_V3, FeatureModel
from text_to_image.evaluations.image_groups import across_captions, groups_protocol
from text_to_image.evaluations.mean_captions import mean_captions
from text_to_image.evaluations.real_features import RealFeatures
from text_to_image.evaluations.score import Score
from text_to_image.evaluations.scored_images import ScoredImages
from text_to_image.metrics.diversity import feature_diversity
from text_to_image.metrics.frechet import (
    FID_REFUSED_BELOW,
    FID_WARNED_BELOW,
    frechet_distance,
)
from text_to_image.metrics.kernel_distance import kernel_distance, kernel_distance_error
from text_to_image.metrics.r_precision import CaptionImageSpace

BLURS = (1, 2)  # pixels; what a score of clear images must notice
_SUBSETS, _SUBSET_SIZE = 10, 500
_CANDIDATES = 100


class FeatureScores:
    """Scores images by one feature network.

    Args:
        scored: what is scored.
        cache: of the data set.
        split_name: that the images are of.
        feature_model: the network.
        seed: of subsets, candidates and shuffles.
    """

    def __init__(
        self,
        scored: ScoredImages,
        cache: Cache,
        split_name: str,
        feature_model: FeatureModel,
        seed: int,
    ):
        self._scored = scored
        self._split_name = split_name
        self._cache = cache
        self._network = feature_model
        self._seed = seed
        self._real = RealFeatures(cache, feature_model)
        self._of_split = self._real.of_split(split_name).features
        self._generated = feature_model(scored.generated, "features").features
        self._reference = self._of_split[scored.rows]
        self._blurred = {
            f"real, blurred by {blur}": self._real.of_split(split_name, blur).features[
                scored.rows
            ]
            for blur in BLURS
        }
        other = "validation" if split_name == "train" else "train"
        self._others = self._draw_others(other)
        self._others_are = f"{len(self._others)} real images of {other}"

    def scores(self, quick: bool = False) -> Iterator[Score]:
        """Yields them, one after the other.

        Args:
            quick: without the Fréchet distance, which is biased where images are few,
                and without the diversity, which takes more images.
        """
        yield self._kernel_distance()
        yield from self._r_precision()
        if quick:
            return
        if self._network.name != INCEPTION_V3 or self._enough_for_fid():
            yield self._frechet_distance()
        yield self._diversity()

    def _kernel_distance(self) -> Score:
        size = min(_SUBSET_SIZE, len(self._reference), len(self._others))

        def distance(features: np.ndarray) -> tuple[float, float]:
            return kernel_distance(
                features, self._reference, _SUBSETS, size, seed=self._seed
            )

        mean, sd = distance(self._generated)
        return Score(
            metric=f"kid_{self._network.name}",
            generated=mean,
            error=kernel_distance_error(self._generated, self._reference, sd, _SUBSETS),
            real=distance(self._others)[0],
            real_is=self._others_are,
            controls={name: distance(x)[0] for name, x in self._blurred.items()},
            protocol={
                **self._protocol(),
                "subsets": f"{_SUBSETS} of {size}, standard deviation {sd:.4f}",
            },
        )

    def _frechet_distance(self) -> Score:
        name = self._network.name
        return Score(
            metric=f"{'fid' if name == INCEPTION_V3 else 'fd'}_{name}",
            generated=frechet_distance(self._generated, self._reference),
            real=frechet_distance(self._others, self._reference),
            real_is=self._others_are,
            controls={
                name: frechet_distance(features, self._reference)
                for name, features in self._blurred.items()
            },
            protocol=self._protocol(),
        )

    def _enough_for_fid(self) -> bool:
        count = len(self._generated)
        if count < FID_REFUSED_BELOW:
            print(
                f"left out: fid_{INCEPTION_V3}: {count:,} images, expected at least "
                f"{FID_REFUSED_BELOW:,}, below which it says little: a larger "
                f"--num_images, or a larger split; kid_{INCEPTION_V3} has no such bias"
            )
            return False
        if count < FID_WARNED_BELOW:
            print(
                f"warning: fid_{INCEPTION_V3} of {count:,} images: compare it with "
                f"others of as many only, from {FID_WARNED_BELOW:,} on with any"
            )
        return True

    def _r_precision(self) -> Iterator[Score]:
        split = self._cache.split(self._split_name)
        space, fitted_to = _caption_image_space(self._cache, self._network)
        labels = np.repeat(split.labels, np.diff(split.caption_offsets))
        _, per_class = np.unique(labels, return_counts=True)
        candidates = min(_CANDIDATES, len(labels) - int(per_class.max()) + 1)
        own = self._scored.caption_rows

        def precision(features: np.ndarray, captions: np.ndarray) -> dict[str, Any]:
            return space.r_precision(
                features, captions, split.embeddings, labels, self._seed, candidates
            )

        shuffled = np.random.default_rng([self._seed, 1]).permutation(own)
        generated = precision(self._generated, own)
        real = precision(self._reference, own)
        control = precision(self._generated, shuffled)
        for k in (1, 5):
            yield Score(
                metric=f"r_precision_at_{k}_{self._network.name}",
                generated=generated[f"r{k}"],
                error=generated[f"r{k}_error"],
                real=real[f"r{k}"],
                real_is="the captions' images",
                controls={
                    "captions shuffled": control[f"r{k}"],
                    "chance": k / candidates,
                },
                protocol={
                    **self._protocol(),
                    "candidates": candidates,
                    "space_fitted_to": fitted_to,
                    # Figures of other caption vectors are of another space.
                    "caption_encoder": self._cache.encoder_id,
                },
            )

    def _diversity(self) -> Score:
        scored = self._scored
        samples = scored.samples
        flat = samples.reshape(-1, *samples.shape[2:])  # [captions * 8, 64, 64, 3]
        features = self._network(flat, "features of samples").features
        of_classes = self._of_split[scored.class_rows]  # [classes, up to 8, F]
        across = across_captions(self._generated, len(samples))
        return Score(
            metric=f"feature_diversity_{self._network.name}",
            generated=feature_diversity(
                features.reshape(*samples.shape[:2], -1), of_classes
            ),
            real=1.0,
            real_is="images of one class",
            controls={
                "generated, of different captions": feature_diversity(
                    across, of_classes
                )
            },
            protocol={
                **self._protocol(),
                **groups_protocol(samples, scored.class_rows),
            },
        )

    def _draw_others(self, split_name: str) -> np.ndarray:
        """Returns features of as many real images of other classes, `[N, F]`."""
        features = self._real.of_split(split_name).features
        rng = np.random.default_rng([self._seed, 2])
        count = min(len(self._reference), len(features))
        return features[rng.choice(len(features), count, replace=False)]

    def _protocol(self) -> dict[str, Any]:
        return network_protocol(self._network, self._scored)


@lru_cache(maxsize=1)  # fitted once, however often a run is scored
def _caption_image_space(
    cache: Cache, network: FeatureModel
) -> tuple[CaptionImageSpace, str]:
    """Returns the space of R-precision on a data set, and its description."""
    train = cache.split("train")
    features = RealFeatures(cache, network).of_split("train").features
    space = CaptionImageSpace.fit(features, mean_captions(train))
    return space, f"{len(train.images)} images of train"


def network_protocol(network: FeatureModel, scored: ScoredImages) -> dict[str, Any]:
    """Returns what every score by a network depends on."""
    return {
        "feature_network": network.name,
        "feature_sha256": network.sha256,
        "resizing": network.resizing,
        "num_generated": len(scored.generated),
        "num_real": len(scored.real),
    }
