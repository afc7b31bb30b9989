"""Scores a run on the validation classes as it trains, and keeps the best generator.

By the code of `evaluate.py scores`: once the run has ended, `evaluate.py scores
--split=validation` with as many images gives the same figures of the same step.
"""

import logging
import time

from foundation.errors import InputError
from text_to_image.config import Config
from text_to_image.data.cache import Cache
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.evaluations.protocol import run_protocol
from text_to_image.evaluations.score import Score
from text_to_image.evaluations.scored_images import count_scored
from text_to_image.evaluations.scores import measure_scores
from text_to_image.gan import GAN
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.runs import best_checkpoint
from text_to_image.training.summaries import Summaries

_SPLIT, _SEED = "validation", 0  # the seed of evaluate.py, too
_OF_PIXELS = ("color_agreement", "color_agreement_balanced")
_LOWER_IS_BETTER = ("kid",)


class Evaluation:
    """Evaluates one run, again and again.

    Args:
        gan: what is trained.
        model: what makes its images, as it is when they are made.
        cache: what it is trained on.
        summaries: of the run; figures go to its metrics.jsonl and to TensorBoard.
        log: of the run.

    Raises:
        InputError: what `check_evaluation` finds.
    """

    def __init__(
        self,
        gan: GAN,
        model: TextToImage,
        cache: Cache,
        summaries: Summaries,
        log: logging.Logger,
    ):
        self._gan = gan
        self._model = model
        self._cache = cache
        self._summaries = summaries
        self._log = log
        config = gan.config
        self._feature_model = check_evaluation(config, cache)
        self._best_by = best_metric(config)
        if _SPLIT in config.training_splits:
            log.info(
                "warning: --evaluate_every with --train_splits=%s: the %s classes are "
                "trained on, so its figures say nothing about unseen ones.",
                config.train_splits,
                _SPLIT,
            )

    def __call__(self, step: int) -> None:
        """Scores the generator of this step, and keeps it if it is the best."""
        started = time.perf_counter()
        self._model.step = step
        scores = measure_scores(
            self._model,
            self._cache,
            _SPLIT,
            self._gan.config.evaluate_images,
            _SEED,
            self._feature_model,
            quick=True,
        )
        protocol = run_protocol(self._model, self._cache, _SPLIT, _SEED)
        figures = {score.metric: score.generated for score in scores}
        best = self._keep_best(step, scores)
        # Last, and at once: what has records is done.
        records = [{**protocol, **score.record()} for score in scores]
        self._summaries.run.append_metrics(*records)
        if best is not None:
            figures[f"best_{best.metric}"] = best.value
        self._summaries.write_scalars(
            step, {f"metrics/{name}": figure for name, figure in figures.items()}
        )
        self._log.info(
            "evaluated %s at step %d  %s  best at step %s  %.0f s",
            _SPLIT,
            step,
            "  ".join(f"{name} {figure:.3f}" for name, figure in figures.items()),
            best.step if best else "?",
            time.perf_counter() - started,
        )

    def is_done(self, step: int) -> bool:
        """Whether the generator of a step was scored by an earlier call."""
        records = self._summaries.run.read_metrics()
        return any("metric" in r and r["step"] == step for r in records)

    def _keep_best(
        self, step: int, scores: list[Score]
    ) -> best_checkpoint.BestScore | None:
        """Offers the generator to `best/`; returns the best so far, if there is one."""
        run, by = self._summaries.run, self._best_by
        name = by
        if self._feature_model and by not in _OF_PIXELS:
            name = f"{by}_{self._feature_model.name}"
        score = next((score for score in scores if score.metric == name), None)
        if score is None:
            self._log.info(
                "warning: no figure of %s, so step %d cannot be the best; choose by "
                "another --best_metric",
                name,
                step,
            )
        else:
            offered = best_checkpoint.BestScore(
                step=step,
                metric=name,
                value=score.generated,
                num_images=score.protocol["num_generated"],
                seed=_SEED,
            )
            higher = by not in _LOWER_IS_BETTER
            best_checkpoint.keep_best(run, self._gan, offered, higher)
        return best_checkpoint.read_best(run)


def check_evaluation(config: Config, cache: Cache) -> FeatureModel | None:
    """Checks that a run can be evaluated; returns its feature model, if it has one.

    Raises:
        InputError: a run that reads no captions, too few validation images, a feature
            model that cannot be used, or none for a metric that needs one.
    """
    count_scored(config, cache.split(_SPLIT), config.evaluate_images)
    best_metric(config)
    return FeatureModel.named(config.feature_model) if config.feature_model else None


def best_metric(config: Config) -> str:
    """Returns what the best generator is best by, the network's name left out.

    Raises:
        InputError: a metric that needs a feature model, and there is none.
    """
    chosen = config.best_metric
    if chosen == "auto":
        return "kid" if config.feature_model else "color_agreement_balanced"
    if chosen not in _OF_PIXELS and not config.feature_model:
        raise InputError(
            f"--best_metric={chosen} without --feature_model: expected the network it "
            f"is of, as --feature_model=PATH.keras, or one of {', '.join(_OF_PIXELS)}"
        )
    return chosen
