"""A flag for each field of a configuration."""

import dataclasses
from typing import Any, TypeVar

from absl import flags

from foundation.flag_help import group

T = TypeVar("T")


def define_flags(config: type, flag_values: flags.FlagValues = flags.FLAGS) -> None:
    """Defines one absl flag for each field of a dataclass of `foundation.fields`."""
    title = ""
    for field in dataclasses.fields(config):
        limits, text = field.metadata, field.metadata["help"]
        name, default, kind = field.name, field.default, field.type
        if limits["group"] != title:
            title = limits["group"]
            group(title)
        options: dict[str, Any] = {"flag_values": flag_values}
        if kind in (int, float):
            options["lower_bound"] = limits.get("lower")
        if "choices" in limits:
            flags.DEFINE_enum(name, default, limits["choices"], text, **options)  # type: ignore[arg-type]
        elif kind is bool:
            flags.DEFINE_bool(name, default, text, **options)  # type: ignore[arg-type]
        elif kind is int:
            flags.DEFINE_integer(name, default, text, **options)  # type: ignore[arg-type]
        elif kind is float:
            flags.DEFINE_float(name, default, text, **options)  # type: ignore[arg-type]
        else:
            flags.DEFINE_string(name, default, text, **options)  # type: ignore[arg-type]


def config_from_flags(
    config: type[T], flag_values: flags.FlagValues = flags.FLAGS
) -> T:
    """Returns the configuration that the parsed flags describe."""
    fields = dataclasses.fields(config)  # type: ignore[arg-type]
    return config(**{field.name: getattr(flag_values, field.name) for field in fields})
