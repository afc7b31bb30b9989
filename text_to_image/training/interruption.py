"""Ctrl-C and SIGTERM end a run between two steps, not within one."""

import signal
import sys
import threading
from types import FrameType, TracebackType


class Interruption:
    """True once SIGINT or SIGTERM came; a second one ends the process at once.

    Python sees a signal when the compiled call that is running returns. Used as a
    context manager, it gives the signals back at the end.
    """

    def __init__(self) -> None:
        self._came = False

    def __enter__(self) -> "Interruption":
        self._previous = {}
        # Only there does Python let signals be handled, and only there do they arrive.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                # A handler that is not Python's could not be given back.
                if signal.getsignal(number) is not None:
                    self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._came:
            sys.exit(128 + number)
        self._came = True
        print("Stopping after this call; once more to quit at once.", file=sys.stderr)

    def __bool__(self) -> bool:
        return self._came
