"""The best checkpoint of a run by a named metric, in `WORKDIR/best/`.

Its generator, and next to it `best.json`, which says what it was best by.
"""

import dataclasses
import json
import math
from typing import Any

from foundation import hints
from foundation.atomic import new_directory, write_text
from foundation.boundary import load_json, refusing
from foundation.checkpoints import Checkpoints
from foundation.errors import InputError
from foundation.fields import check_types
from text_to_image.gan import GAN, sampling_generator_name
from text_to_image.runs.directory import RunDirectory


@dataclasses.dataclass(frozen=True)
class BestScore:
    """What a checkpoint was measured to be worth: the content of `best.json`.

    Attributes:
        step: iterations that the generator was trained for.
        metric: what was measured, as "kid_efficientnet_lite0".
        value: of the metric.
        num_images: images that it was measured on.
        seed: of their captions and noise.
    """

    step: int
    metric: str
    value: float
    num_images: int
    seed: int

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "BestScore":
        """Makes it of what a file holds.

        Raises:
            TypeError: it lacks a field, or has others.
            InputError: a value of another type.
        """
        score = cls(**values)
        check_types(score)
        return score


def keep_best(
    run: RunDirectory, gan: GAN, score: BestScore, higher_is_better: bool = False
) -> bool:
    """Keeps the generator of this step, if it is the best so far.

    It is compared with what `best.json` tells, so a resumed run goes on where it was;
    a score there by another metric, or on other images, cannot be compared with and
    is replaced.

    Args:
        run: whose `best/` is replaced, all or nothing.
        gan: at the step that was measured.
        score: of this step.
        higher_is_better: how values compare; a distance is better lower.

    Returns:
        Whether it was kept: a value that is no number, or no better one, is not.

    Raises:
        InputError: the disk is full or not writable; the earlier best stays.
    """
    best = read_best(run)
    if not math.isfinite(score.value):
        return False
    if best is not None and _protocol(best) == _protocol(score):
        gain = (
            score.value - best.value if higher_is_better else best.value - score.value
        )
        if gain <= 0:
            return False
    objects = gan.checkpoint_objects()
    names = (sampling_generator_name(gan.config), "text_scaling", "step")
    parts = {name: objects[name] for name in names}
    try:
        with new_directory(run.best) as incomplete:
            Checkpoints(incomplete, parts, gan.step).save()
            text = json.dumps(dataclasses.asdict(score), indent=2) + "\n"
            write_text(incomplete / "best.json", text)
    except OSError as error:
        raise InputError(
            f"{run.best}: cannot keep the best checkpoint ({error.strerror or error}), "
            "the earlier one is whole. Make room, then run the same command again"
        ) from error
    return True


def read_best(run: RunDirectory) -> BestScore | None:
    """Reads `best.json`; None where no checkpoint was kept yet.

    Raises:
        InputError: it is not ours.
    """
    path = run.best / "best.json"
    if not path.exists():
        return None

    def told(reason: str) -> InputError:
        return InputError(
            f"{path}: not the score of a checkpoint ({reason}); expected the file that "
            f"train.py wrote. Use --checkpoint=latest, or remove it: "
            + hints.removal(run.best)
        )

    with refusing(told):
        return BestScore.from_dict(load_json(path, dict))


def _protocol(score: BestScore) -> tuple[str, int, int]:
    return score.metric, score.num_images, score.seed
