"""What images are made from, as it is loaded from a run or a released model."""

from pathlib import Path
from typing import NamedTuple

from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder
from text_to_image.gan import make_generator
from text_to_image.models import Generator
from text_to_image.models.text_scaling import TextScaling
from text_to_image.runs.best_checkpoint import BestScore
from text_to_image.runs.directory import RunDescription


class ModelParts(NamedTuple):
    """What `TextToImage` is made of.

    Attributes:
        description: of the run.
        encoder: the encoder that the run was trained with.
        generator: what images are made from.
        text_scaling: of the run.
        step: iterations that the generator was trained for.
        score: what this checkpoint was kept as the best for, if it was.
        ema_decay: of the moving average that the generator is; 0: G as it was trained.
    """

    description: RunDescription
    encoder: SkipThoughtEncoder
    generator: Generator
    text_scaling: TextScaling
    step: int = 0
    score: BestScore | None = None
    ema_decay: float = 0.0


def make_parts(description: RunDescription, encoder_dir: Path) -> ModelParts:
    """Loads the encoder, and makes networks that weights are to be loaded into.

    Raises:
        InputError: it is another encoder than `description` names.
    """
    encoder = SkipThoughtEncoder.load(encoder_dir)
    if encoder.id != description.encoder_id:
        raise InputError(
            f"{encoder_dir}: encoder {encoder.id[:12]}, expected "
            f"{description.encoder_id[:12]}, which the run was trained with. Copy "
            "encoder/ from its cache"
        )
    generator = make_generator(description.config, description.text_dim, "generator")
    text_scaling = TextScaling(description.text_dim, dtype="float32")
    ema_decay = description.config.ema_decay
    return ModelParts(
        description, encoder, generator, text_scaling, ema_decay=ema_decay
    )
