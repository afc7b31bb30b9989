"""How a command ends: whatever goes wrong is one line and an exit code.

1: something is wrong, 130: stopped by Ctrl-C (SIGINT), 143: stopped by SIGTERM.
"""

import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from foundation.errors import InputError

_AGAIN = "Rerun the same command then"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def one_line(debug: bool = False) -> Iterator[None]:
    """Ends the process by one line where the block raises or a signal comes.

    The first SIGINT or SIGTERM raises `KeyboardInterrupt` in the main thread, so that
    what is half-written is removed; the second ends the process at once.

    Args:
        debug: print tracebacks, too.

    Raises:
        SystemExit: the block raised anything; its own `SystemExit` passes.
    """
    with _signals() as came:
        try:
            yield
        except BaseException as error:
            # Libraries may turn an interrupt that comes while they are imported into
            # an error of theirs.
            if came:
                sys.exit(_stopped(came[0]))
            if isinstance(error, (SystemExit, GeneratorExit)):
                raise
            if isinstance(error, KeyboardInterrupt):
                sys.exit(_stopped(signal.SIGINT))
            if isinstance(error, BrokenPipeError):
                _let_reader_leave()
                sys.exit(1)
            if debug:
                traceback.print_exc()
            print(f"error: {describe(error)}", file=sys.stderr)
            sys.exit(1)


def describe(error: BaseException) -> str:
    """Returns what a user can do about an exception, as one line."""
    if isinstance(error, InputError):
        return " ".join(str(error).splitlines())
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        _, target, why = error.args[0][0]  # of many files, the first
        return (
            f"{target}: cannot be written ({why}); expected a disk with room. {_AGAIN}"
        )
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = (lines[0] if lines else "no message")[:300]
    if isinstance(error, OSError):
        named = error.filename2 or error.filename
        where = f"{os.fsdecode(named)}: " if isinstance(named, (str, bytes)) else ""
        return (
            f"{where}{error.strerror or reason}{_room(named)}; expected a disk with "
            f"room and files that may be read and written. {_AGAIN}"
        )
    return (
        f"{type(error).__name__}: {reason}. This is a fault of the program, or of the "
        "machine: rerun the same command with --debug and report what it prints"
    )


def _room(path: object) -> str:
    """Returns how much room a disk has, as part of a line; "" if it is not known."""
    try:
        free = shutil.disk_usage(Path(os.fsdecode(path)).parent).free  # type: ignore[arg-type]
    except (OSError, TypeError, ValueError):
        return ""
    return f" ({free:,} bytes free there)"


def _stopped(number: int) -> int:
    name = signal.Signals(number).name
    print(
        f"stopped by {name}: finished files are whole, unfinished ones removed. "
        "Rerun the same command to continue",
        file=sys.stderr,
    )
    return 128 + number


def _let_reader_leave() -> None:
    """Lets what is still buffered go nowhere, as behind `| head`."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Yields a list, which the number of a signal that comes is appended to."""
    came: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if came:
            os._exit(128 + number)
        came.append(number)
        raise KeyboardInterrupt

    previous = {}
    # Only there does Python let signals be handled, and only there do they arrive.
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            # A handler that is not Python's could not be given back.
            if signal.getsignal(number) is not None:
                previous[number] = signal.signal(number, handle)
    try:
        yield came
    finally:
        for number, handler in previous.items():
            # The process ends after a signal: another one needs no handler.
            signal.signal(number, signal.SIG_DFL if came else handler)
