"""Flags of captions, and the checks of what they give."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from skipthoughts.sentence_check import LONGEST, fault_of, is_blank
from text_to_image.cli.model_flags import WORKDIR
from text_to_image.generation.captions import read_captions
from text_to_image.generation.unknown_words import unknown_words_warnings

if TYPE_CHECKING:
    from text_to_image.generation.text_to_image import TextToImage

group("Captions")
_CAPTION = flags.DEFINE_multi_string(
    "caption", [], "A sentence about a flower; may be given several times."
)
_CAPTIONS_FILE = flags.DEFINE_string(
    "captions_file", "", "Sentences, one a line, instead of --caption."
)

EXAMPLE = '--caption="this flower has pink petals"'


def captions() -> list[str]:
    """Returns the captions; a run that reads none needs none.

    Raises:
        InputError: both flags, an empty caption, or a file that cannot be read.
    """
    if _CAPTION.value and _CAPTIONS_FILE.value:
        raise no_caption()
    if _CAPTIONS_FILE.value:
        return read_captions(_CAPTIONS_FILE.value)
    for caption in _CAPTION.value:
        check_caption("caption", caption)
    return _CAPTION.value


def check_caption(flag: str, caption: str) -> None:
    """Checks that a caption has something in it, and an end.

    Raises:
        InputError: it is blank or too long.
    """
    if is_blank(caption[: LONGEST + 1]):
        raise InputError(
            f"--{flag}={caption[:40]!r}: empty, expected a sentence, as "
            f'--{flag}="this flower has pink petals"'
        )
    if fault := fault_of(caption):
        raise InputError(f"--{flag}: {fault}")


def no_caption() -> InputError:
    """Returns what to raise where one of the two flags is needed."""
    return InputError(
        "no caption, or both --caption and --captions_file: expected one of them, as "
        f"{EXAMPLE}"
    )


def check_conditional(model: "TextToImage", given: list[str]) -> None:
    """Refuses captions of a run that reads none, and none for one that does.

    Raises:
        InputError: see above.
    """
    conditional = model.description.config.conditional
    if conditional and not given:
        raise no_caption()
    if not conditional and given:
        raise InputError(
            f"{given[0]!r}: {WORKDIR.value} was trained with --noconditional and reads "
            "no captions, expected seeds only: "
            + hints.command("generate.py", f"--workdir={WORKDIR.value}", "--seeds=0-63")
        )


def warn_of_unknown_words(model: "TextToImage", given: Sequence[str]) -> None:
    """Names the words of captions that the encoder has never seen."""
    for warning in unknown_words_warnings(model.encoder, given):
        print(f"warning: {warning}", file=sys.stderr)
