"""`evaluate.py scores`: are the images good, of their captions, and different?

One image of one caption of each of N images, against these images. No score says
everything: a generator that follows its captions and ignores its noise is good at half
of them.
"""

from tqdm import tqdm

from foundation import hints
from foundation.errors import InputError
from text_to_image.data.cache import Cache
from text_to_image.evaluations.class_score import class_score
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.evaluations.feature_scores import FeatureScores
from text_to_image.evaluations.pixel_scores import pixel_scores
from text_to_image.evaluations.score import Score
from text_to_image.evaluations.scored_images import generate_scored_images
from text_to_image.generation.text_to_image import TextToImage


def measure_scores(
    model: TextToImage,
    cache: Cache,
    split_name: str,
    num_images: int,
    seed: int,
    feature_model: FeatureModel | None = None,
    classifier: FeatureModel | None = None,
    quick: bool = False,
) -> list[Score]:
    """Scores a run; what cannot be computed is left out, in one printed line.

    The same arguments give the same scores.

    Args:
        model: a trained run that reads captions.
        cache: what it was trained on.
        split_name: "validation" or "test" for classes that training never saw.
        num_images: images; fewer where the split has fewer images.
        seed: which images, captions and noises; of subsets, candidates and shuffles.
        feature_model: the network whose features are compared; None: only pixels are.
        classifier: what the inception score is of; None: `feature_model`, if it gives
            class probabilities.
        quick: only what is worth its cost again and again, as while training: kid,
            r_precision, color_agreement and dz, which have to be good together.

    Raises:
        InputError: a run that reads no captions or generates no numbers, too few
            images, or a network that does not fit.
    """
    if feature_model and feature_model.num_classes and not (classifier or quick):
        classifier = feature_model
    if classifier and not classifier.num_classes:
        raise InputError(
            f"--classifier: {classifier.name} gives no class probabilities, expected a "
            f"classifier. Train one with: {_train_classifier(cache)}"
        )
    split = cache.split(split_name)
    scored = generate_scored_images(model, split, num_images, seed)
    scores: list[Score] = []
    if feature_model:
        by_features = FeatureScores(scored, cache, split_name, feature_model, seed)
        scores += tqdm(by_features.scores(quick), "scoring", unit="score", disable=None)
    if classifier:
        scores.append(class_score(scored, cache, split_name, classifier, seed))
    if not quick:
        print(_left_out(feature_model, classifier, cache), end="")
    scores += tqdm(
        pixel_scores(scored, cache, split, seed, quick),
        "scoring",
        unit="score",
        disable=None,
    )
    return scores


def _train_classifier(cache: Cache) -> str:
    arguments = (f"--cache_dir={cache.directory}", "--output=classifier.keras")
    return hints.command("evaluate.py", "classifier", *arguments)


def _left_out(
    feature_model: FeatureModel | None, classifier: FeatureModel | None, cache: Cache
) -> str:
    """Returns which scores need what the caller has not given, a line each."""
    lines = ""
    if not feature_model:
        lines += (
            "left out: kid, fd, r_precision and feature_diversity, which need "
            "--feature_model=PATH.keras or --feature_model=inception_v3\n"
        )
    if not classifier:
        lines += (
            "left out: inception_score, which needs --classifier=classifier.keras; "
            f"train it with: {_train_classifier(cache)}\n"
        )
    return lines
