"""Trains the style encoder S of a finished run (Sec. 4.4).

S inverts G: it predicts the noise behind an image. `generate.py style` uses it to
generate other captions in the style of a photograph.
  python train.py style --workdir=runs/quickstart
  python train.py style --flagfile=configs/style_encoder.cfg --workdir=runs/X

Rerun the same command to resume.
"""

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from text_to_image.cli.config_flags import config_from_flags, define_flags
from text_to_image.style.config import StyleEncoderConfig

group("Run")
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Run directory, whose GAN was trained to its end.", required=True
)
_CACHE_DIR = flags.DEFINE_string(
    "cache_dir", "", "Cache of the run; empty: where it was when the run was trained."
)
define_flags(StyleEncoderConfig)


def main(argv: list[str]) -> None:
    """Trains the style encoder of a run and prints how well it inverts G."""
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r}: expected flags only, as --workdir=runs/X")
    config = config_from_flags(StyleEncoderConfig)
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.style.inversion import train_style_encoder

    result = train_style_encoder(_WORKDIR.value, config, _CACHE_DIR.value)
    print(
        f"style encoder of step {result['step']}: R^2 {result['r2']:.3f} on "
        f"{result['n']} images of test captions (mean squared error of a dimension "
        f"{result['mse']:.3f}, of their mean {result['mse_of_mean']:.3f})"
    )
    arguments = ("--style_image=photo.jpg", "--caption=this flower has pink petals")
    command = ("style", f"--workdir={_WORKDIR.value}", *arguments)
    print(f"next: {hints.command('generate.py', *command)}")
