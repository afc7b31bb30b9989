"""Fields of a configuration that carry the text and the limits of their flags."""

import dataclasses
import math
from typing import Any

from foundation.errors import InputError

_LONGEST = 4096  # characters of a text, as a path


def field(default: Any, help: str, **metadata: Any) -> Any:
    """Makes a dataclass field.

    Args:
        default: also tells the type.
        help: the text of its flag.
        metadata: `group`, the heading of its flag in --help; `choices`; the limits
            `lower` and `upper`, inclusive, `above` and `below`, exclusive; whatever
            else is asked for by name.
    """
    return dataclasses.field(default=default, metadata={"help": help, **metadata})


def marked(config: type, mark: str) -> set[str]:
    """Returns the names of a dataclass's fields with some metadata, as `free`."""
    return {each.name for each in dataclasses.fields(config) if each.metadata.get(mark)}


def check_types(record: Any) -> None:
    """Compares the values of a dataclass with the plain types of its fields.

    What was read from a file may hold anything: true for a number, 1e400, a text of
    millions of characters. A whole number is taken for a `float`.

    Raises:
        InputError: a value of another type, or a number that is not finite.
    """
    for each in dataclasses.fields(record):
        value = getattr(record, each.name)
        flag = f"--{each.name}={str(value)[:40]}"
        allowed = (int, float) if each.type is float else (each.type,)
        if each.type in (bool, int, float, str) and type(value) not in allowed:
            kind = f"{each.type.__name__}, not {type(value).__name__}"
            raise InputError(f"{flag}: expected {kind}")
        if type(value) is float and not math.isfinite(value):
            raise InputError(f"{flag}: expected a finite number")
        if type(value) is int and abs(value) >= 2**63:
            raise InputError(f"{flag}: expected less than 2^63")
        if type(value) is str and len(value) > _LONGEST:
            raise InputError(f"{flag}…: expected at most {_LONGEST:,} characters")


def check_fields(config: Any) -> None:
    """Compares all fields of a dataclass with their types and limits.

    Raises:
        InputError: a value of another type, or outside the limits.
    """
    check_types(config)
    for each in dataclasses.fields(config):
        value, limits = getattr(config, each.name), each.metadata
        flag = f"--{each.name}={value}"
        if isinstance(value, int) and value >= 2**31:
            raise InputError(f"{flag}: expected less than {2**31:,}")
        if "choices" in limits and value not in limits["choices"]:
            raise InputError(f"{flag}: expected one of {', '.join(limits['choices'])}")
        if "lower" in limits and not value >= limits["lower"]:
            raise InputError(f"{flag}: expected at least {limits['lower']}")
        if "upper" in limits and not value <= limits["upper"]:
            raise InputError(f"{flag}: expected at most {limits['upper']:,}")
        if "above" in limits and not value > limits["above"]:
            raise InputError(f"{flag}: expected more than {limits['above']}")
        if "below" in limits and not value < limits["below"]:
            raise InputError(f"{flag}: expected less than {limits['below']}")
