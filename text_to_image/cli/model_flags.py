"""Flags that name a run or a released model, and its checkpoint."""

from absl import flags

from foundation.errors import InputError
from foundation.flag_help import group
from text_to_image.runs.checkpoint_choice import parse_checkpoint

group("Model")
WORKDIR = flags.DEFINE_string(
    "workdir",
    "",
    "Run directory that train.py wrote, or a released model; empty: the released model "
    "that comes with this package, for commands that need no run.",
)
CHECKPOINT = flags.DEFINE_string(
    "checkpoint",
    "",
    "Of a run: best, latest, a step, or the path of a checkpoint; empty: the best "
    "where one was kept, otherwise the latest.",
)


def check_flags(argv: list[str], needs_run: str = "") -> None:
    """Checks what every command with these flags checks first.

    Args:
        argv: of `main`.
        needs_run: what is done with a run, if no other model will do.

    Raises:
        InputError: an argument that is no flag, a checkpoint that is not named as one,
            or no --workdir where it is needed.
    """
    if len(argv) > 1:
        raise InputError(
            f'{argv[1]!r}: expected flags only; quote a caption: --caption="…"'
        )
    parse_checkpoint(CHECKPOINT.value)
    if needs_run and not WORKDIR.value:
        raise InputError(
            f"no --workdir: expected the run that {needs_run}, as "
            "--workdir=runs/flowers102_cpu"
        )
