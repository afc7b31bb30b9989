"""A flag for each field of a configuration."""

import dataclasses
from typing import Any, TypeVar

from absl import flags

from foundation.flag_help import group
from text_to_image.config import Config

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


def without_effect(config: Config) -> list[str]:
    """Returns a line for each flag that was changed, but changes nothing here."""
    cases = (
        (config.architecture == "reed", "--architecture=reed", ("kernel_size",)),
        (
            not config.matches,
            f"--objective={config.objective}",
            ("mismatch", "wrong_weight", "fake_weight"),
        ),
        (
            not config.interpolates,
            f"--objective={config.objective}",
            ("interpolation_weight", "interpolation_beta", "interpolation_batch"),
        ),
        (
            not config.conditional,
            "--noconditional",
            ("text_norm", "captions_per_image", "text_features"),
        ),
        (config.distribute == "none", "--distribute=none", ("sync_batch_norm",)),
        (
            not config.evaluate_every,
            "--evaluate_every=0",
            ("evaluate_images", "feature_model", "best_metric"),
        ),
    )
    default = Config()
    return [
        f"--{name}={getattr(config, name)} has no effect with {given}"
        for holds, given, names in cases
        for name in names
        if holds and getattr(config, name) != getattr(default, name)
    ]
