r"""Generates captions in the style of photographs (Sec. 4.4, Fig. 6).

  python generate.py style --workdir=runs/quickstart \
      --style_image=a.jpg --style_image=b.jpg \
      --caption="a red flower" --caption="this flower has blue petals"

The run needs a style encoder: python train.py style --workdir=runs/quickstart. Writes
one PNG for each photograph and caption, and style_grid.png: styles down, captions
across.
"""

from absl import flags

from foundation.errors import InputError
from foundation.flag_help import group
from text_to_image.cli.caption_flags import (
    captions,
    check_conditional,
    no_caption,
    warn_of_unknown_words,
)
from text_to_image.cli.model_flags import CHECKPOINT, WORKDIR, check_flags

group("Style")
_STYLE_IMAGE = flags.DEFINE_multi_string(
    "style_image",
    [],
    "A photograph that gives the style; may be given several times.",
)
_OUTDIR = flags.DEFINE_string("outdir", "pictures", "Where images are written.")


def main(argv: list[str]) -> None:
    """Generates every caption in the style of every photograph."""
    check_flags(argv, "has a style encoder")
    given = captions()
    if not given:
        raise no_caption()
    if not _STYLE_IMAGE.value:
        raise InputError(
            "no --style_image: expected a photograph, as --style_image=photo.jpg"
        )
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    import numpy as np

    from text_to_image.generation.files import make_directory, write_style_transfer
    from text_to_image.generation.text_to_image import TextToImage
    from text_to_image.style.inversion import load_style_encoder
    from text_to_image.style.transfer import read_style_image, transfer

    style_images = np.stack([read_style_image(path) for path in _STYLE_IMAGE.value])
    model = TextToImage.load(WORKDIR.value, CHECKPOINT.value)
    check_conditional(model, given)
    warn_of_unknown_words(model, given)
    style_encoder = load_style_encoder(WORKDIR.value, model)
    images = transfer(model, style_encoder, style_images, given)
    outdir = make_directory(_OUTDIR.value)
    count = write_style_transfer(
        style_images, _STYLE_IMAGE.value, images, given, outdir
    )
    print(f"{count} images of {model.checkpoint}: {outdir}")
    print(f"grid: {outdir / 'style_grid.png'}")
