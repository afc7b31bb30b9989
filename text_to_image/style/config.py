"""How a style encoder is trained."""

import dataclasses
from functools import partial

from foundation.fields import check_fields, field

_training = partial(field, group="Training")


@dataclasses.dataclass(frozen=True)
class StyleEncoderConfig:
    """How a style encoder is trained; the paper does not say.

    Raises:
        InputError: a value outside its limits.
    """

    steps: int = _training(2000, "Updates.", lower=1)
    batch_size: int = _training(64, "Images an update.", lower=1)
    learning_rate: float = _training(2e-4, "Adam's.", above=0.0)
    clip_norm: float = _training(
        10_000.0,
        "The most that the global norm of the gradient may be; well above that of the "
        "first updates, against outliers.",
        above=0.0,
    )
    seed: int = _training(0, "Seed of everything random.", lower=0)

    def __post_init__(self) -> None:
        check_fields(self)
