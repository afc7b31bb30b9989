"""A flag for each field of the configuration."""

import dataclasses
from typing import Any, cast

from absl import flags

from text_to_image.config import Config


def define_flags(flag_values: flags.FlagValues = flags.FLAGS) -> None:
    """Defines one absl flag for each field of `Config`."""
    for field in dataclasses.fields(Config):
        limits, text = field.metadata, field.metadata["help"]
        name, default, kind = field.name, cast(Any, field.default), field.type
        options: dict[str, Any] = {"flag_values": flag_values}
        if kind in (int, float):
            options["lower_bound"] = limits.get("lower")
        if "choices" in limits:
            flags.DEFINE_enum(name, default, limits["choices"], text, **options)
        elif kind is bool:
            flags.DEFINE_bool(name, default, text, **options)
        elif kind is int:
            flags.DEFINE_integer(name, default, text, **options)
        elif kind is float:
            flags.DEFINE_float(name, default, text, **options)
        else:
            flags.DEFINE_string(name, default, text, **options)


def config_from_flags(flag_values: flags.FlagValues = flags.FLAGS) -> Config:
    """Returns the configuration that the parsed flags describe."""
    return Config(
        **{
            field.name: getattr(flag_values, field.name)
            for field in dataclasses.fields(Config)
        }
    )
