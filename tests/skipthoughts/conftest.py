"""The command line, run in a process of its own as a user runs it."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def call():
    """Returns what runs `python -m skipthoughts` with arguments."""

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "skipthoughts", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )

    return run
