"""Runs Python in a process of its own, as a user's command does."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.errors import InputError

ROOT = Path(__file__).parents[1]
IMPORT_LIBRARIES = ("-c", "import tensorflow, keras")  # what no code of ours can save


def run_python(arguments: Sequence[str]) -> str:
    """Runs Python at the root of the repository; returns what it prints.

    Args:
        arguments: of the interpreter.

    Raises:
        InputError: it fails.
    """
    result = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    if result.returncode:
        last = (result.stderr.strip() or "no message").splitlines()[-1]
        raise InputError(f"python {' '.join(arguments)} failed: {last}")
    return result.stdout
