r"""Interpolates between captions or between noises (Sec. 5.4, Fig. 8).

From one caption to another, a row for each seed:
  python generate.py interpolate --workdir=runs/quickstart --caption="a red flower" \
      --interpolate_caption="a yellow flower" --seeds=0-3

From the noise of one seed to that of another, a row for each caption:
  python generate.py interpolate --workdir=runs/quickstart --caption="a red flower" \
      --seeds=0 --interpolate_seed=5 --noise_path=spherical

With both flags, captions change along the rows and noises along the columns. Writes
interpolation.png, interpolation.gif and one PNG for each image.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from absl import flags

from foundation.errors import InputError
from foundation.flag_help import group
from text_to_image.cli.caption_flags import (
    EXAMPLE,
    captions,
    check_caption,
    check_conditional,
    warn_of_unknown_words,
)
from text_to_image.cli.model_flags import CHECKPOINT, WORKDIR, check_flags
from text_to_image.generation.seeds import parse_seeds
from text_to_image.runs.pretrained import pretrained_path

if TYPE_CHECKING:
    from text_to_image.generation.interpolation import Interpolation

_LAST_CAPTION = flags.DEFINE_string(
    "interpolate_caption", None, "Go from the one --caption to this, a row for a seed."
)
group("Path")
_SEEDS = flags.DEFINE_string("seeds", "0-7", "Seeds of the noise: 0-7 or 0,2,5.")
_LAST_SEED = flags.DEFINE_integer(
    "interpolate_seed",
    None,
    "Go from the first of --seeds to this, a row for a caption.",
    lower_bound=0,
    upper_bound=2**62 - 1,
)
_STEPS = flags.DEFINE_integer(
    "steps",
    8,
    "Images along a path, its ends included.",
    lower_bound=2,
    upper_bound=64,
)
_NOISE_PATH = flags.DEFINE_enum(
    "noise_path",
    "linear",
    ["linear", "spherical"],
    "From noise to noise: the straight line, or equal angles, which keep the norm "
    "that z had in training.",
)
_OUTDIR = flags.DEFINE_string("outdir", "pictures", "Where images are written.")

_ROWS = 32  # more would not fit a screen


def main(argv: list[str]) -> None:
    """Generates the path that the flags describe."""
    check_flags(argv)
    given, seeds = captions(), parse_seeds(_SEEDS.value)
    _check_path(given, seeds)
    path = WORKDIR.value or pretrained_path()
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.generation import files
    from text_to_image.generation.interpolation_files import write_interpolation
    from text_to_image.generation.text_to_image import TextToImage

    model = TextToImage.load(path, CHECKPOINT.value)
    check_conditional(model, given)
    last = [] if _LAST_CAPTION.value is None else [_LAST_CAPTION.value]
    warn_of_unknown_words(model, [*given, *last])
    outdir = files.make_directory(_OUTDIR.value)
    count = write_interpolation(model, _path(given, seeds), outdir)
    print(f"{count} images of {model.checkpoint}: {outdir}")
    print(f"grid: {outdir / 'interpolation.png'}")
    print(f"animation: {outdir / 'interpolation.gif'}")


def _path(given: list[str], seeds: list[int]) -> "Interpolation":
    """Returns the path that the flags describe."""
    from text_to_image.generation.interpolation import Interpolation

    last, last_seed = _LAST_CAPTION.value, _LAST_SEED.value
    return Interpolation(
        captions=given if last is None else [given[0], last],
        seeds=seeds if last_seed is None else [seeds[0], last_seed],
        steps=_STEPS.value,
        changes_caption=last is not None,
        changes_noise=last_seed is not None,
        noise_path=_NOISE_PATH.value,
    )


def _check_path(given: Sequence[str], seeds: Sequence[int]) -> None:
    """Refuses flags that do not go together."""
    last, last_seed = _LAST_CAPTION.value, _LAST_SEED.value
    if last is None and last_seed is None:
        raise InputError(
            "no end of the path: expected --interpolate_caption or --interpolate_seed, "
            'as --interpolate_caption="a yellow flower"'
        )
    if last is not None:
        check_caption("interpolate_caption", last)
        if len(given) != 1:
            raise InputError(
                f"--interpolate_caption={last!r} with {len(given)} captions: expected "
                f"exactly one, which the path begins at, as {EXAMPLE}"
            )
    if last_seed is not None and last_seed == seeds[0]:
        raise InputError(
            f"--interpolate_seed={last_seed}: is the first of --seeds, expected "
            f"another, as --interpolate_seed={last_seed + 1}"
        )
    if last_seed is None and _NOISE_PATH.present:
        raise InputError(
            f"--noise_path={_NOISE_PATH.value} with one noise for each row: expected "
            "--interpolate_seed, too"
        )
    rows = len(seeds) if last_seed is None else len(given)
    if rows > _ROWS:
        raise InputError(
            f"{rows} rows, one for each {'seed' if last_seed is None else 'caption'}: "
            f"expected at most {_ROWS}; call for the others again"
        )
