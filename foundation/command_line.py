"""What every command does first: settings, flags, its one command of several."""

import dataclasses
import importlib
import locale
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from logging import Formatter

from absl import app, flags, logging

from foundation import hints
from foundation.ending import one_line
from foundation.errors import InputError
from foundation.flag_help import help_text
from foundation.quiet import leave_out_noise

_HELP = ("--help", "-help", "-h")

_DEBUG = flags.DEFINE_bool(
    "debug", False, "Show tracebacks, and what TensorFlow writes by itself."
)


@dataclasses.dataclass(frozen=True)
class Command:
    """What the first word after a program's name may be.

    Attributes:
        module: has a docstring with examples, flags, and `main`.
        purpose: a few words.
        former: flags of version 0.1 that asked for it, with what they are called now;
            empty: nothing, as the command's name says it.
    """

    module: str
    purpose: str
    former: Mapping[str, str] = dataclasses.field(default_factory=dict)


def dispatch(program: str, commands: Mapping[str, Command], default: str = "") -> None:
    """Runs the command that the first argument names.

    Its module, which defines flags, is imported only then, so that no command has the
    flags of another.

    Args:
        program: as it is called, for messages.
        commands: by their names.
        default: that of a call whose first argument is a flag; empty: there is none.
    """
    _use_utf8()  # first of all: it may begin the process anew
    with one_line(_debugs()):
        _dispatch(program, commands, default)


def _dispatch(program: str, commands: Mapping[str, Command], default: str) -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    listed = "".join(f"\n  {n:14}{c.purpose}" for n, c in commands.items())
    if name in commands:
        del sys.argv[1]
    elif not default and name in (*_HELP, "help"):
        print(f"{hints.command(program)} COMMAND, which is one of{listed}")
        _show_all_help(program, commands)
        return
    elif default and (not name or name.startswith("-")):
        name = _of_former_flags(commands) or default
    else:
        expected = f"expected one of {', '.join(commands)}; as "
        how = hints.command(program, next(iter(commands)), "--help")
        raise InputError(f"{name or 'no command'}: {expected}{how}")
    module = importlib.import_module(commands[name].module)
    description = module.__doc__ or ""
    if name == default:
        description += f"\nOther commands, each with its --help:{listed}\n"
    run(module.main, description)


def _show_all_help(program: str, commands: Mapping[str, Command]) -> None:
    """Prints the help of every command, each by a process: two may share a flag."""
    code = (
        "import importlib, sys; from foundation.command_line import run; "
        "command = importlib.import_module(sys.argv.pop(1)); "
        "run(command.main, command.__doc__)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for name, command in commands.items():
        title = f"{hints.command(program)} {name}"
        print(f"\n{title}\n{'=' * len(title)}", flush=True)
        words = [sys.executable, "-c", code, command.module, "--help"]
        if subprocess.run(words, env=environment).returncode:  # it has said why
            sys.exit(1)


def _of_former_flags(commands: Mapping[str, Command]) -> str:
    """Returns the command that flags of version 0.1 ask for, and renames them."""
    for name, command in commands.items():
        given = [a for a in sys.argv[1:] if a.partition("=")[0] in command.former]
        for argument in given:
            flag, equals, value = argument.partition("=")
            now = command.former[flag]
            place = sys.argv.index(argument)
            sys.argv[place : place + 1] = [now + equals + value] if now else []
        if given:
            asked = f"{name} {command.former[given[0].partition('=')[0]]}".strip()
            print(f"note: {given[0]} is now: {asked}", file=sys.stderr)
            return name
    return ""


def run(main: Callable[[list[str]], int | None], description: str = "") -> None:
    """Runs `main` under absl; whatever it raises becomes one line and an exit code.

    Args:
        main: takes the arguments that are not flags, program name first.
        description: what --help shows above the flags.
    """

    def guarded(argv: list[str]) -> int | None:
        # Of Pillow; `photographs.py` refuses such an image by an error.
        warnings.filterwarnings("ignore", "Image size .* could be decompression bomb")
        if not _DEBUG.value:
            leave_out_noise()
        _set_up_logging()
        return main(argv)

    _use_utf8()
    _choose_libraries()
    with one_line(_debugs()):
        if any(argument in _HELP for argument in sys.argv[1:]):
            print(help_text(description), flush=True)
            return
        app.run(guarded, flags_parser=_parse_flags)


def _debugs() -> bool:
    """Whether --debug is among the arguments, before they are parsed."""
    return "--debug" in sys.argv or "-debug" in sys.argv


def _set_up_logging() -> None:
    """Lets what is logged look like what commands print themselves."""
    logging.set_verbosity(logging.WARNING)  # libraries tell much at INFO
    handler = logging.get_absl_handler().python_handler
    handler.stream = sys.stderr
    handler.setFormatter(Formatter("warning: %(message)s"))


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
