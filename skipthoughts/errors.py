"""How every stage reports a mistake that its user can mend."""

import os
import sys
import traceback
from collections.abc import Callable

from absl import app, flags, logging

_DEBUG = flags.DEFINE_bool("debug", False, "Show the traceback of a reported mistake.")


class InputError(ValueError):
    """A mistake that the user can mend.

    The message is one line: what is wrong, the value seen, what was expected, and
    the command that mends it.
    """


def run(main: Callable[[list[str]], int | None]) -> None:
    """Runs `main` under absl; an `InputError` becomes one line and exit code 1.

    Args:
        main: takes the arguments that are not flags, program name first.
    """

    def guarded(argv: list[str]) -> int | None:
        logging.set_verbosity(logging.WARNING)  # libraries tell much at INFO
        try:
            return main(argv)
        except InputError as error:
            if _DEBUG.value:
                traceback.print_exc()
            message = " ".join(str(error).split())
            print(f"error: {message}", file=sys.stderr)
            return 1

    # Set before TensorFlow is imported, which commands do after reading their flags.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    app.run(guarded, flags_parser=_parse_flags)


def _parse_flags(argv: list[str]) -> list[str]:
    """Parses flags as absl does; a mistake in them is one line, too."""
    try:
        return flags.FLAGS(argv)
    except flags.Error as error:
        message = "; ".join(line.strip(" :") for line in str(error).splitlines())
        print(f"error: {message}; --help lists all flags", file=sys.stderr)
        sys.exit(1)
