"""Limits of how a style encoder is trained."""

import pytest

from foundation.errors import InputError
from text_to_image.style.inversion import (
    StyleEncoderConfig,
)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": 0}, "--steps=0: expected at least 1"),
        ({"batch_size": 0}, "--batch_size=0"),
        ({"learning_rate": float("nan")}, "--learning_rate=nan"),
        ({"seed": -1}, "--seed=-1"),
    ],
)
def test_limits(values, message):
    with pytest.raises(InputError, match=message):
        StyleEncoderConfig(**values)
