"""`evaluate.py`: measures a run, prints a table, adds a line to metrics.jsonl.

`figures` draws instead, and adds none.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from absl import flags

from skipthoughts.errors import InputError, run

if TYPE_CHECKING:
    from text_to_image.cache import Cache
    from text_to_image.sampling import TextToImage

_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Run directory that train.py wrote.", required=True
)
_CACHE_DIR = flags.DEFINE_string(
    "cache_dir", "", "Cache with the captions; empty: that of the run."
)
_SPLIT = flags.DEFINE_enum(
    "split", "test", ["train", "validation", "test"], "Whose captions."
)
_NUM_IMAGES = flags.DEFINE_integer(
    "num_images", 500, "Pictures that are scored.", lower_bound=1
)
_SEED = flags.DEFINE_integer("seed", 0, "Which captions, which noise.", lower_bound=0)


def main(argv: list[str]) -> None:
    """Measures what the command names."""
    command = _COMMANDS.get(" ".join(argv[1:]))
    if command is None:
        raise InputError(
            f"{' '.join(argv[1:]) or 'no command'}: expected one of: "
            f"{', '.join(_COMMANDS)}; as python evaluate.py colors "
            "--workdir=runs/quickstart"
        )
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.cache import Cache
    from text_to_image.run_directory import RunDirectory
    from text_to_image.sampling import TextToImage

    model = TextToImage.load(_WORKDIR.value)
    cache = Cache(_CACHE_DIR.value or model.description.config.cache_dir)
    if cache.manifest_sha256 != model.description.manifest_sha256:
        raise InputError(
            f"--cache_dir={cache.directory}: not the cache that {_WORKDIR.value} was "
            "trained on; name that one with --cache_dir"
        )
    result = command(model, cache)
    if result is None:
        return
    run_directory = RunDirectory(_WORKDIR.value)
    run_directory.append_metrics(
        {
            "step": model.step,
            "dataset": cache.dataset,
            "split": _SPLIT.value,
            "seed": _SEED.value,
            "image_size": 64,
            **result,
        }
    )
    print(f"appended to {run_directory.metrics}")


def _colors(model: "TextToImage", cache: "Cache") -> dict[str, Any]:
    from text_to_image.evaluations.colors import format_table, measure_colors

    split = cache.split(_SPLIT.value)
    result = measure_colors(model, split, _NUM_IMAGES.value, _SEED.value)
    title = f"{cache.dataset} {_SPLIT.value} captions, step {model.step}"
    print(format_table(result, f"{title}, seed {_SEED.value}"))
    return {"metric": "color_agreement", **result}


def _figures(model: "TextToImage", cache: "Cache") -> None:
    from text_to_image.evaluations.figures import draw_figures

    paths = draw_figures(model, cache, _SPLIT.value, _SEED.value, _WORKDIR.value)
    for path in paths.values():
        print(f"wrote {path}")


_Command = Callable[["TextToImage", "Cache"], dict[str, Any] | None]
_COMMANDS: dict[str, _Command] = {"colors": _colors, "figures": _figures}


def console() -> None:
    """The console script `t2i-evaluate`."""
    run(main)
