r"""Sentence vectors: skip-thoughts and others (Kiros et al. 2015).

python -m skipthoughts COMMAND --help
"""

import importlib
import sys

from absl import flags

from foundation import hints
from foundation.command_line import run
from foundation.errors import InputError

# What each command does, and its module in skipthoughts/cli/.
COMMANDS = {
    "train": ("learns an encoder from captions or prose", "train"),
    "import": ("converts the original release", "import_release"),
    "expand": ("gives an encoder the words of a word-vector file", "expand"),
    "encode": ("lines of text in, .npy out", "encode"),
    "neighbours": ("words or sentences that an encoder finds alike", "neighbours"),
    "evaluate": ("measures what the vectors carry", "evaluate"),
}


def console() -> None:
    """The console script `skipthoughts`."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in ("--help", "-h", "help"):
        print(__doc__)
        for listed, (purpose, _) in COMMANDS.items():
            print(f"  {listed:12}{purpose}")
        return
    if name not in COMMANDS:
        run(_no_command)
        return
    command = importlib.import_module(f"skipthoughts.cli.{COMMANDS[name][1]}")
    # absl shows the text of the main module, and the flags of the one named by argv[0].
    sys.modules["__main__"].__doc__ = command.__doc__
    sys.argv[:2] = [f"python -m skipthoughts {name}"]
    flags.adopt_module_key_flags(command)
    run(command.main)


def _no_command(argv: list[str]) -> None:
    raise InputError(
        f"{' '.join(argv[1:2]) or 'no command'}: expected one of "
        f"{', '.join(COMMANDS)}; what they do: "
        + hints.command("-m skipthoughts", "--help")
    )


if __name__ == "__main__":
    console()
