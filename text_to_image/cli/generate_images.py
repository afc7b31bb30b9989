r"""Generates images of captions with a trained run, or the model of the package.

One caption, eight noises; without --workdir, by the model that comes with the package:
  python generate.py --caption="this flower has long pink petals and a yellow center"
  python generate.py --workdir=runs/quickstart --caption="a pink flower"

Several captions, chosen seeds:
  python generate.py --workdir=runs/quickstart --caption="a red flower" \
      --caption="this flower has blue petals" --seeds=0,3,7 --outdir=pictures

A run that reads no captions:
  python generate.py --workdir=runs/dcgan --seeds=0-63

Writes one PNG for each caption and seed, grid.png with the captions below the rows, and
captions.json, which lists the images of earlier calls as well. The same caption and
seed always give the same image.
"""

from absl import flags

from foundation.flag_help import group
from text_to_image.cli.caption_flags import (
    captions,
    check_conditional,
    warn_of_unknown_words,
)
from text_to_image.cli.model_flags import CHECKPOINT, WORKDIR, check_flags
from text_to_image.generation.seeds import parse_seeds
from text_to_image.runs.pretrained import pretrained_path

group("Images")
_SEEDS = flags.DEFINE_string("seeds", "0-7", "Seeds of the noise: 0-7 or 0,2,5.")
_OUTDIR = flags.DEFINE_string("outdir", "pictures", "Where images are written.")


def main(argv: list[str]) -> None:
    """Generates the images that the flags ask for."""
    check_flags(argv)
    given, seeds = captions(), parse_seeds(_SEEDS.value)
    path = WORKDIR.value or pretrained_path()
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.generation import files
    from text_to_image.generation.text_to_image import TextToImage

    model = TextToImage.load(path, CHECKPOINT.value)
    check_conditional(model, given)
    warn_of_unknown_words(model, given)
    outdir = files.make_directory(_OUTDIR.value)
    if given:
        count = files.write_images(model, given, seeds, outdir)
    else:
        count = files.write_unconditional(model, seeds, outdir)
    print(f"{count} images of {model.checkpoint}: {outdir}")
    note = files.grid_note(len(given), len(seeds)) if given else ""
    print(f"grid: {outdir / 'grid.png'}{note}")
