"""Keeps what TensorFlow writes to standard error by itself from a command's output.

It writes from C++, partly before any setting of it is read, so that no variable stops
it. Everything that is written there goes through a process that leaves known lines out;
what Python writes does not.
"""

import atexit
import os
import re
import subprocess
import sys

# A line of absl's or TensorFlow's log of no more than a warning, or an error that only
# says that there is no GPU.
NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\)"
    rb"|[IW]\d{4} [\d:.]+ +\d+ [\w./-]+:\d+\]"
    rb"|\d{4}-\d\d-\d\d [\d:.]+: [IW] "
    rb"|(?:E\d{4} [\d:.]+ +\d+ |\d{4}-\d\d-\d\d [\d:.]+: E )"
    rb".*(?:cuInit|Unable to register cu)"
    rb"|To enable the following instructions: "
)
_FILTER = (
    "import re, signal, sys\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    f"noise = re.compile({NOISE.pattern!r})\n"
    "for line in sys.stdin.buffer:\n"
    "    if not noise.match(line):\n"
    "        sys.stderr.buffer.write(line)\n"
    "        sys.stderr.buffer.flush()\n"
)


def leave_out_noise() -> None:
    """Sends what libraries write to standard error through the filter, to the end."""
    try:
        if sys.stderr.fileno() != 2:  # that of a notebook, where only Python writes
            return
        sys.stderr.flush()
        terminal = os.dup(2)
        filtering = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _FILTER], stdin=subprocess.PIPE
        )
    except (OSError, ValueError, AttributeError):  # standard error is closed
        return
    assert filtering.stdin is not None
    os.dup2(filtering.stdin.fileno(), 2)
    filtering.stdin.close()
    sys.stderr = os.fdopen(
        terminal,
        "w",
        encoding=sys.stderr.encoding,
        errors="backslashreplace",
        buffering=1,
    )

    def end() -> None:
        # The filter ends when nothing can write to it any more.
        sys.stderr.flush()
        os.dup2(terminal, 2)
        try:
            filtering.wait(timeout=1)
        except subprocess.TimeoutExpired:  # a process that was started lives on
            filtering.kill()

    atexit.register(end)
