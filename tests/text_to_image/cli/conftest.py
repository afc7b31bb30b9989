"""Calls the commands as a user does."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run_command():
    """Returns a function of arguments: what a command printed, and its exit code."""

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def call(run_command):
    """Returns a function of arguments: what a command printed."""

    def call(*arguments, code=0):
        result = run_command(*arguments)
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout if code == 0 else result.stderr

    return call


@pytest.fixture
def mistake(call):
    """Returns a function of arguments: the one line of a mistake."""

    def mistake(*arguments):
        lines = [
            line
            for line in call(*arguments, code=1).splitlines()
            if line.startswith(("error:", "FATAL"))
        ]
        assert len(lines) == 1
        return lines[0]

    return mistake
