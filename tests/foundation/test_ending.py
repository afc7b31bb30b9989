"""Commands end by one line and an exit code, whatever happens."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from foundation.ending import describe, one_line
from foundation.errors import InputError

ROOT = Path(__file__).parents[2]
COMMAND = """
import sys, time
from foundation.command_line import run

def main(argv):
    if argv[1] == "wait":
        print("waiting", flush=True)
        while True:
            time.sleep(0.01)
    raise eval(argv[1])

run(main)
"""


def call(*arguments):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("ValueError('a\\nb')", "ValueError: a. This is a fault of the program"),
        ("RecursionError()", "RecursionError: no message. This is"),
        ("MemoryError()", "MemoryError: no message. This is"),
        ("OSError(28, 'No space left on device', '/x/y')", "/x/y: No space left"),
        ("__import__('foundation.errors').errors.InputError('a\\nb')", "a b"),
        ("KeyError(1)", "KeyError: 1. This is"),
    ],
)
def test_any_exception_is_one_line(error, expected):
    result = call(error)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: {expected}")
    told = call(error, "--debug")
    assert "Traceback" in told.stderr and told.returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="sends no signals to processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_one_line(number):
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "wait"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    (line,) = told.splitlines()
    assert line.startswith(f"stopped by {number.name}: finished files are whole")


def test_an_error_that_an_interrupt_became_is_the_interrupt(capsys):
    with pytest.raises(SystemExit) as ended, one_line():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("numpy failed to import") from None
    assert ended.value.code == 130
    assert "stopped by SIGINT" in capsys.readouterr().err
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_handlers_are_given_back():
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    with one_line():
        assert signal.getsignal(signal.SIGTERM) != before[1]
        time.sleep(0)
    with pytest.raises(SystemExit), one_line():
        raise InputError("x")
    assert before == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]


def test_room_is_told_of_a_full_disk(tmp_path):
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "out.npy"))
    assert " bytes free there); expected a disk with room" in describe(error)
    assert str(tmp_path / "out.npy") in describe(error)
