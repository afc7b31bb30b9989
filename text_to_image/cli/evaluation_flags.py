"""Flags of what is measured, and what every measurement of a model does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from text_to_image.cli.model_flags import CHECKPOINT, WORKDIR, check_flags
from text_to_image.runs.pretrained import pretrained_path

if TYPE_CHECKING:
    from text_to_image.config import Config
    from text_to_image.data.cache import Cache
    from text_to_image.generation.text_to_image import TextToImage

EMA = flags.DEFINE_bool(
    "ema", True, "Measure the moving average of G where the run has one, else G itself."
)
group("Data")
CACHE_DIR = flags.DEFINE_string(
    "cache_dir", "", "Cache with images and captions; empty: that of the run."
)
SPLIT = flags.DEFINE_enum(
    "split", "test", ["train", "validation", "test"], "Whose captions."
)
SEED = flags.DEFINE_integer("seed", 0, "Which captions, which noise.", lower_bound=0)

# What a command returns goes to metrics.jsonl, a line each.
Measure = Callable[["TextToImage", "Cache"], list[dict[str, Any]]]


def measure(argv: list[str], name: str, function: Measure, of_runs: bool) -> None:
    """Opens model and cache, and keeps what a function measures of them.

    Args:
        argv: of `main`.
        name: of the command.
        function: prints what it measures, and returns it.
        of_runs: whether it writes into a run, so that no released model will do.

    Raises:
        InputError: a released model where a run is needed, or anything that the flags
            name cannot be read.
    """
    check_flags(argv)
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.generation.text_to_image import TextToImage
    from text_to_image.runs.directory import RunDirectory
    from text_to_image.runs.open_cache import open_cache
    from text_to_image.runs.released import is_released_model

    path = WORKDIR.value or pretrained_path()
    released = is_released_model(path)
    if released and of_runs:
        raise InputError(
            f"{name} --workdir={WORKDIR.value}: expected a run, where it draws, as "
            + hints.command("evaluate.py", name, "--workdir=runs/quickstart")
        )
    model = TextToImage.load(path, CHECKPOINT.value, EMA.value)
    cache = open_cache(path, model.description, CACHE_DIR.value)
    _note_if_trained_on(model.description.config)
    records = function(model, cache)
    if released or not records:  # a released model stays as it is
        return
    run = RunDirectory(path)
    common = protocol(model, cache)
    if run.append_figures([{**common, **record} for record in records]):
        print(f"appended to {run.metrics}")


def protocol(model: "TextToImage", cache: "Cache") -> dict[str, Any]:
    """Returns what every figure of this call depends on."""
    from text_to_image.evaluations.protocol import run_protocol

    return run_protocol(model, cache, SPLIT.value, SEED.value)


def _note_if_trained_on(config: "Config") -> None:
    if SPLIT.value in config.training_splits:
        print(
            f"note: --split={SPLIT.value}: the run was trained on these classes "
            f"(--train_splits={config.train_splits}), so figures say nothing about "
            "unseen ones; --split=test is of unseen ones"
        )
