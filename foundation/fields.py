"""Fields of a configuration that carry the text and the limits of their flags."""

import dataclasses
import math
from typing import Any

from foundation.errors import InputError


def field(default: Any, help: str, **metadata: Any) -> Any:
    """Makes a dataclass field.

    Args:
        default: also tells the type.
        help: the text of its flag.
        metadata: `group`, the heading of its flag in --help; `choices`; the limits
            `lower`, inclusive, `above` and `below`, exclusive; whatever else is asked
            for by name.
    """
    return dataclasses.field(default=default, metadata={"help": help, **metadata})


def marked(config: type, mark: str) -> set[str]:
    """Returns the names of a dataclass's fields with some metadata, as `free`."""
    return {each.name for each in dataclasses.fields(config) if each.metadata.get(mark)}


def check_fields(config: Any) -> None:
    """Compares all fields of a dataclass with their limits.

    Raises:
        InputError: a value outside them.
    """
    for each in dataclasses.fields(config):
        value, limits = getattr(config, each.name), each.metadata
        flag = f"--{each.name}={value}"
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{flag}: expected a finite number")
        if isinstance(value, int) and value >= 2**31:
            raise InputError(f"{flag}: expected less than {2**31:,}")
        if "choices" in limits and value not in limits["choices"]:
            raise InputError(f"{flag}: expected one of {', '.join(limits['choices'])}")
        if "lower" in limits and not value >= limits["lower"]:
            raise InputError(f"{flag}: expected at least {limits['lower']}")
        if "above" in limits and not value > limits["above"]:
            raise InputError(f"{flag}: expected more than {limits['above']}")
        if "below" in limits and not value < limits["below"]:
            raise InputError(f"{flag}: expected less than {limits['below']}")
