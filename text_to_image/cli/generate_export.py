"""Exports a run as a released model: a small directory that needs nothing else.

  python generate.py export --workdir=runs/quickstart --output=released
  python generate.py --workdir=released --caption="a red flower"

It holds the generator and the text encoder, without the run or the cache; TextToImage
and --workdir take it as they take a run.
"""

from absl import flags

from foundation import hints
from foundation.flag_help import group
from text_to_image.cli.model_flags import CHECKPOINT, WORKDIR, check_flags

group("Export")
_OUTPUT = flags.DEFINE_string(
    "output", None, "Directory of the released model, which is replaced.", required=True
)


def main(argv: list[str]) -> None:
    """Writes the released model, after what would refuse it at once."""
    check_flags(argv, "is to be released")
    from text_to_image.generation.export import check_export, export
    from text_to_image.generation.text_to_image import TextToImage

    check_export(_OUTPUT.value)
    model = TextToImage.load(WORKDIR.value, CHECKPOINT.value)
    size = export(model, _OUTPUT.value)
    print(f"released model of {model.checkpoint}, {size / 1e6:.1f} MB: {_OUTPUT.value}")
    arguments = (f"--workdir={_OUTPUT.value}", "--caption=this flower has pink petals")
    print(f"next: {hints.command('generate.py', *arguments)}")
