"""`generate.py`: captions, seeds and photographs to PNG files, grids and GIFs."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from foundation import hints
from foundation.command_line import run
from foundation.errors import InputError
from text_to_image.generation.captions import read_captions
from text_to_image.generation.seeds import parse_seeds
from text_to_image.generation.unknown_words import unknown_words_warning
from text_to_image.runs.checkpoint_choice import parse_checkpoint
from text_to_image.runs.pretrained import pretrained_path

if TYPE_CHECKING:
    import numpy as np

    from text_to_image.generation.text_to_image import TextToImage

_WORKDIR = flags.DEFINE_string(
    "workdir",
    None,
    "Run directory that train.py wrote, or a released model; without it, the released "
    "model that comes with this package.",
)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint",
    "",
    "Of a run: best, latest, a step, or the path of a checkpoint; by default best "
    "where one was kept, otherwise latest.",
)
_EXPORT = flags.DEFINE_string(
    "export", "", "Write a released model to this directory instead of pictures."
)
_CAPTION = flags.DEFINE_multi_string(
    "caption", [], "A sentence about a flower; may be given several times."
)
_CAPTIONS_FILE = flags.DEFINE_string(
    "captions_file", "", "Sentences, one a line, instead of --caption."
)
_SEEDS = flags.DEFINE_string("seeds", "0-7", "Seeds of the noise: 0-7 or 0,2,5.")
_OUTDIR = flags.DEFINE_string("outdir", "pictures", "Where pictures are written.")
# Interpolation (Sec. 5.4, Fig. 8)
_LAST_CAPTION = flags.DEFINE_string(
    "interpolate_caption", None, "Go from the one --caption to this, a row for a seed."
)
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
    "Pictures along a path, its ends included.",
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
# Style transfer (Fig. 6)
_STYLE_IMAGE = flags.DEFINE_multi_string(
    "style_image",
    [],
    "A photograph whose style the captions are painted in; may be given several times.",
)

_EXAMPLE = '--caption="this flower has pink petals"'
_INTERPOLATION_ROWS = 32  # more would not fit a screen


def main(argv: list[str]) -> None:
    """Makes the pictures that the flags ask for."""
    if len(argv) > 1:
        raise InputError(
            f'{argv[1]!r}: expected flags only; quote a caption: --caption="…"'
        )
    parse_checkpoint(_CHECKPOINT.value)
    captions = _captions()
    seeds = parse_seeds(_SEEDS.value)
    _check_interpolation(captions, seeds)
    _check_style(captions)
    _check_export(captions)
    path = _WORKDIR.value or pretrained_path()
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.generation import files as picture_files
    from text_to_image.generation.text_to_image import TextToImage

    if _EXPORT.value:
        _export(path)
        return
    style_images = _style_images()
    model = TextToImage.load(path, _CHECKPOINT.value)
    _check_conditional(model.description.config.conditional, captions)
    _warn_of_unknown_words(model, captions)
    outdir = picture_files.make_directory(_OUTDIR.value)
    grid = "grid.png"
    if style_images is not None:
        count = _transfer_style(model, style_images, captions, outdir)
        grid = "style_grid.png"
    elif _interpolates():
        count, grid = _interpolate(model, captions, seeds, outdir), "interpolation.png"
    elif captions:
        count = picture_files.write_pictures(model, captions, seeds, outdir)
    else:
        count = picture_files.write_unconditional(model, seeds, outdir)
    print(f"{count} pictures of {model.checkpoint}: {outdir}")
    print(f"grid: {outdir / grid}")
    if _interpolates():
        print(f"animation: {outdir / 'interpolation.gif'}")


def _export(path: str | Path) -> None:
    """Writes a released model, after what would refuse it at once."""
    from text_to_image.generation.export import check_export, export
    from text_to_image.generation.text_to_image import TextToImage

    check_export(_EXPORT.value)
    model = TextToImage.load(path, _CHECKPOINT.value)
    size = export(model, _EXPORT.value)
    print(f"released model of {model.checkpoint}, {size / 1e6:.1f} MB: {_EXPORT.value}")
    arguments = (f"--workdir={_EXPORT.value}", "--caption=this flower has pink petals")
    print(f"next: {hints.command('generate.py', *arguments)}")


def _interpolates() -> bool:
    return _LAST_CAPTION.value is not None or _LAST_SEED.value is not None


def _interpolate(
    model: "TextToImage", captions: list[str], seeds: list[int], outdir: Path
) -> int:
    from text_to_image.generation import interpolation_files

    last, last_seed, steps = _LAST_CAPTION.value, _LAST_SEED.value, _STEPS.value
    if last_seed is None:
        assert last is not None  # one of the two is given
        return interpolation_files.write_captions_path(
            model, captions[0], last, seeds, steps, outdir
        )
    path = _NOISE_PATH.value
    if last is None:
        return interpolation_files.write_noise_path(
            model, captions, seeds[0], last_seed, steps, path, outdir
        )
    return interpolation_files.write_both_paths(
        model, captions[0], last, seeds[0], last_seed, steps, path, outdir
    )


def _style_images() -> "np.ndarray | None":
    """Returns the photographs uint8 `[K, 64, 64, 3]`, where there are any."""
    if not _STYLE_IMAGE.value:
        return None
    import numpy as np

    from text_to_image.style.transfer import read_style_image

    return np.stack([read_style_image(path) for path in _STYLE_IMAGE.value])


def _transfer_style(
    model: "TextToImage",
    style_images: "np.ndarray",
    captions: list[str],
    outdir: Path,
) -> int:
    from text_to_image.generation.files import write_style_transfer
    from text_to_image.style.inversion import load_style_encoder
    from text_to_image.style.transfer import transfer

    assert _WORKDIR.value is not None  # `_check_style` asked for it
    style_encoder = load_style_encoder(_WORKDIR.value, model)
    images = transfer(model, style_encoder, style_images, captions)
    return write_style_transfer(
        style_images, _STYLE_IMAGE.value, images, captions, outdir
    )


def _captions() -> list[str]:
    """Returns the captions, of which a run that reads none needs none."""
    if _CAPTION.value and _CAPTIONS_FILE.value:
        raise _no_caption()
    if _CAPTIONS_FILE.value:
        return read_captions(_CAPTIONS_FILE.value)
    for caption in _CAPTION.value:
        if not caption.strip():
            raise InputError(
                f"--caption={caption!r}: empty, expected a sentence, as {_EXAMPLE}"
            )
    return _CAPTION.value


def _no_caption() -> InputError:
    return InputError(
        "no caption, or both --caption and --captions_file: expected one of them, as "
        f"{_EXAMPLE}"
    )


def _check_interpolation(captions: Sequence[str], seeds: Sequence[int]) -> None:
    """Refuses flags of interpolation that do not go together."""
    last, last_seed = _LAST_CAPTION.value, _LAST_SEED.value
    for flag in (_STEPS, _NOISE_PATH):
        if flag.present and not _interpolates():
            raise InputError(
                f"--{flag.name}={flag.value} without a path: expected "
                "--interpolate_caption or --interpolate_seed, too"
            )
    if last is not None and not last.strip():
        raise InputError(
            f"--interpolate_caption={last!r}: empty, expected a sentence, as "
            '--interpolate_caption="a yellow flower"'
        )
    if last is not None and len(captions) != 1:
        raise InputError(
            f"--interpolate_caption={last!r} with {len(captions)} captions: expected "
            f"exactly one, which the path begins at, as {_EXAMPLE}"
        )
    if last_seed is not None and last_seed == seeds[0]:
        raise InputError(
            f"--interpolate_seed={last_seed}: is the first of --seeds, expected "
            f"another, as --interpolate_seed={last_seed + 1}"
        )
    if last_seed is None and last is not None and _NOISE_PATH.present:
        raise InputError(
            f"--noise_path={_NOISE_PATH.value} with one noise for each row: expected "
            "--interpolate_seed, too"
        )
    rows = len(seeds) if last_seed is None else len(captions)
    if _interpolates() and rows > _INTERPOLATION_ROWS:
        raise InputError(
            f"{rows} rows, one for each {'seed' if last_seed is None else 'caption'}: "
            f"expected at most {_INTERPOLATION_ROWS}; call for the others again"
        )


def _check_style(captions: Sequence[str]) -> None:
    """Refuses what a style transfer does not take: its noise is that of photographs."""
    if not _STYLE_IMAGE.value:
        return
    for name, given in (
        ("--interpolate_caption", _LAST_CAPTION.value is not None),
        ("--interpolate_seed", _LAST_SEED.value is not None),
        ("--seeds", _SEEDS.present),
    ):
        if given:
            raise InputError(
                f"--style_image={_STYLE_IMAGE.value[0]} and {name}: expected one of "
                "them, since z is what the style encoder reads from the photograph"
            )
    if not captions:
        raise _no_caption()
    if _WORKDIR.value is None:
        raise InputError(
            "--style_image without --workdir: the model of this package has no style "
            "encoder, expected a run with one: "
            + hints.command("train.py", "--style_encoder", "--workdir=RUN")
        )


def _check_export(captions: Sequence[str]) -> None:
    """Refuses an export of nothing new, or together with pictures."""
    if not _EXPORT.value:
        return
    if _WORKDIR.value is None:
        raise InputError(
            f"--export={_EXPORT.value} without --workdir: expected the run that is to "
            "be released, as --workdir=runs/flowers102_cpu"
        )
    if captions:
        raise InputError(
            f"--export={_EXPORT.value} and captions: expected one of them, since no "
            "pictures are made; call for them afterwards"
        )


def _check_conditional(conditional: bool, captions: Sequence[str]) -> None:
    """Refuses captions of a run that reads none, and none for one that does."""
    if conditional and not captions:
        raise _no_caption()
    if not conditional and captions:
        raise InputError(
            f"{captions[0]!r}: {_WORKDIR.value} was trained with --noconditional and "
            "reads no captions, expected seeds only: "
            + hints.command(
                "generate.py", f"--workdir={_WORKDIR.value}", "--seeds=0-63"
            )
        )


def _warn_of_unknown_words(model: "TextToImage", captions: list[str]) -> None:
    last = _LAST_CAPTION.value
    for caption in captions if last is None else [*captions, last]:
        warning = unknown_words_warning(model.encoder, caption)
        if warning:
            print(f"warning: {warning}", file=sys.stderr)


def console() -> None:
    """The console script `t2i-generate`."""
    run(main)
