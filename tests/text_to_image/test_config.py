"""The configuration: its flags, its flagfiles, its limits."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from absl import flags

from foundation.errors import InputError
from foundation.fields import marked
from text_to_image import Config
from text_to_image.cli.config_flags import (
    config_from_flags,
    define_flags,
    without_effect,
)

ROOT = Path(__file__).parents[2]
# That of the style encoder has another configuration.
FLAGFILES = sorted(
    path for path in (ROOT / "configs").glob("*.cfg") if path.stem != "style_encoder"
)
FIELDS = {field.name: field for field in dataclasses.fields(Config)}


def parsed(*arguments):
    """Parses arguments with fresh flags, as `train.py` does."""
    values = flags.FlagValues()
    define_flags(Config, values)
    flags.DEFINE_string("workdir", "", "", flag_values=values)
    values(["train.py", *arguments])
    return config_from_flags(Config, values)


def test_defaults_are_the_papers():
    config = parsed()
    assert config == Config()
    assert (config.architecture, config.batch_size, config.epochs) == ("reed", 64, 600)
    assert (config.learning_rate, config.beta_1) == (2e-4, 0.5)
    assert (config.wrong_weight, config.fake_weight) == (0.5, 0.5)
    assert (config.ema_decay, config.text_norm, config.noise) == (0, 0, "normal")
    assert config.decay_epochs == 100
    assert (config.objective, config.update) == ("gan_cls", "simultaneous")
    assert (config.mismatch, config.captions_per_image) == ("text", 1)
    assert (config.interpolation_beta, config.interpolation_batch) == ("half", "own")


@pytest.mark.parametrize("objective", ["gan", "gan_cls", "gan_int", "gan_int_cls"])
def test_each_objective_has_a_flagfile_of_nothing_else(objective):
    config = parsed(f"--flagfile={ROOT}/configs/reed_{objective}.cfg")
    assert config == dataclasses.replace(
        Config(), objective=objective, cache_dir=config.cache_dir
    )
    assert config.matches == objective.endswith("cls")
    assert config.interpolates == ("int" in objective)


@pytest.mark.parametrize("path", FLAGFILES, ids=str)
def test_flagfiles_are_read_and_round_trip(path, tmp_path):
    config = parsed(f"--flagfile={path}")
    copy = tmp_path / "flags.cfg"
    copy.write_text(config.to_flagfile())
    assert parsed(f"--flagfile={copy}") == config
    assert parsed(f"--flagfile={path}", "--seed=7").seed == 7


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch_size": 0}, "--batch_size=0: expected at least 2"),
        ({"learning_rate": -1.0}, "expected more than 0"),
        ({"ema_decay": 1.0}, "expected less than 1"),
        ({"beta_1": 1.5}, "beta_1=1.5: expected less than 1"),
        ({"learning_rate": float("inf")}, "learning_rate=inf: expected a finite"),
        ({"text_norm": float("nan")}, "text_norm=nan: expected a finite"),
        ({"seed": 2**32}, "seed=4294967296: expected less than 2,147,483,648"),
        ({"architecture": "unet"}, "expected one of reed, dcgan"),
        ({"generator_steps": 2}, "generator_steps=2.*or --update=alternating"),
        ({"fresh_noise": False}, "fresh_noise=False.*or --update=alternating"),
        ({"interpolation_batch": "shared"}, "or --update=alternating"),
        (
            {"distribute": "mirrored", "jit_compile": "on"},
            "distribute=mirrored.*expected --jit_compile=off,",
        ),
        ({"conditional": False}, "noconditional.*expected --objective=gan,"),
        ({"train_splits": "test"}, "expected one of train, train,validation"),
        (
            {"train_splits": "train,validation", "cache": "stream"},
            "cache=stream --train_splits=train,validation: expected --cache=device",
        ),
    ],
)
def test_limits(values, message):
    with pytest.raises(InputError, match=message):
        Config(**values)


def test_dictionary_round_trip_and_unknown_fields():
    config = Config(seed=3, gf=8)
    assert Config.from_dict(dataclasses.asdict(config)) == config
    with pytest.raises(InputError, match="wings"):
        Config.from_dict({"wings": 2})


def test_free_fields_exist():
    assert set(FIELDS) >= marked(Config, "free")


@pytest.mark.slow
@pytest.mark.parametrize("script", ["train.py", "generate.py", "evaluate.py"])
def test_help_teaches(script):
    result = subprocess.run(
        [sys.executable, script, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert f"python {script}" in result.stdout
    assert "--workdir" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], []),
        (
            ["--kernel_size=4"],
            ["--kernel_size=4 has no effect with --architecture=reed"],
        ),
        (["--kernel_size=4", "--architecture=dcgan"], []),
        (
            ["--objective=gan", "--wrong_weight=1"],
            ["--wrong_weight=1.0 has no effect with --objective=gan"],
        ),
        (
            ["--interpolation_weight=2"],
            ["--interpolation_weight=2.0 has no effect with --objective=gan_cls"],
        ),
        (
            ["--sync_batch_norm"],
            ["--sync_batch_norm=True has no effect with --distribute=none"],
        ),
        (
            ["--best_metric=color_agreement"],
            ["--best_metric=color_agreement has no effect with --evaluate_every=0"],
        ),
    ],
)
def test_flags_without_effect_are_told(arguments, told):
    assert without_effect(parsed(*arguments)) == told


@pytest.mark.parametrize("path", FLAGFILES, ids=lambda path: path.stem)
def test_no_flagfile_has_a_flag_without_effect(path):
    assert without_effect(parsed(f"--flagfile={path}")) == []
