"""What every command does first, and how it reports a mistake of its user."""

import locale
import os
import sys
import traceback
import warnings
from collections.abc import Callable

from absl import app, flags, logging

from foundation.errors import InputError

_DEBUG = flags.DEFINE_bool("debug", False, "Show the traceback of a reported mistake.")


def run(main: Callable[[list[str]], int | None]) -> None:
    """Runs `main` under absl; an `InputError` becomes one line and exit code 1.

    Args:
        main: takes the arguments that are not flags, program name first.
    """

    def guarded(argv: list[str]) -> int | None:
        logging.set_verbosity(logging.WARNING)  # libraries tell much at INFO
        # Of Pillow; `picture_size.py` refuses such a picture by an error.
        warnings.filterwarnings("ignore", "Image size .* could be decompression bomb")
        try:
            return main(argv)
        except InputError as error:
            if _DEBUG.value:
                traceback.print_exc()
            message = " ".join(str(error).splitlines())
            print(f"error: {message}", file=sys.stderr)
            return 1

    _use_utf8()
    _choose_libraries()
    app.run(guarded, flags_parser=_parse_flags)


def _use_utf8() -> None:
    """Makes arguments, file names and output UTF-8, whatever the locale.

    TensorFlow and HDF5 take file names as UTF-8 only, so a locale of another encoding,
    as LC_ALL=C, would give Python and them different names for one file. Python's UTF-8
    mode is decided when the interpreter starts: it is started again. Windows hands
    everything over as Unicode.
    """
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        command = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
        # For the processes that this one starts, too.
        os.execve(sys.executable, command, {**os.environ, "PYTHONUTF8": "1"})
    for stream in (sys.stdout, sys.stderr):
        # A console that lacks a character shows its code; notebooks lack no character.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _as_typed(argument: str) -> str:
    """Reads an argument whose bytes are not UTF-8 in the encoding of the locale.

    Raises:
        flags.Error: they are not text in that either.
    """
    try:
        argument.encode("utf-8")
        return argument
    except UnicodeEncodeError:
        try:
            return os.fsencode(argument).decode(locale.getencoding())
        except ValueError as error:
            raise flags.Error(
                f"{argument!r}: neither UTF-8 nor {locale.getencoding()}, the encoding "
                "of the locale; expected text in one of them, as LC_ALL=C.UTF-8 sets"
            ) from error


def _choose_libraries() -> None:
    """Sets what libraries read when they are imported, which commands do later."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["MPLBACKEND"] = "agg"  # the commands draw into files only
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def _parse_flags(argv: list[str]) -> list[str]:
    """Parses flags as absl does; a mistake in them is one line, too."""
    try:
        return flags.FLAGS([_as_typed(argument) for argument in argv])
    except flags.Error as error:
        message = "; ".join(line.strip(" :") for line in str(error).splitlines())
        print(f"error: {message}; --help lists all flags", file=sys.stderr)
        sys.exit(1)
