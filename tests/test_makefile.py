"""Which Python `make` takes, and what it says where none fits."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="needs make")


def make(folder, **pythons):
    """Calls `make python` where only these run: name -> version, or None if broken."""
    for tool in ("make", "sh", "echo"):
        (folder / tool).symlink_to(shutil.which(tool))
    for name, version in pythons.items():
        script = folder / name
        lines = ["#!/bin/sh", "exit 127"]
        if version:
            fits = (3, 11) <= tuple(map(int, version.split("."))) < (3, 14)
            lines[1:] = [
                f'if [ "$1" = --version ]; then echo Python {version}; exit 0; fi',
                f"exit {0 if fits else 1}",
            ]
        script.write_text("\n".join(lines) + "\n")
        script.chmod(0o755)
    return subprocess.run(
        ["make", "--no-print-directory", "-C", str(ROOT), "python"],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("pythons", "taken"),
    [
        ({"python3": "3.12"}, "python3"),
        ({"python3": "3.10", "python3.11": "3.11", "python3.12": "3.12"}, "python3.12"),
        ({"python3": "3.14", "python3.11": "3.11"}, "python3.11"),
        ({"python3": None, "python3.13": None, "python3.12": "3.12"}, "python3.12"),
        ({"python3.13": "3.13"}, "python3.13"),
    ],
)
def test_the_python_that_fits_is_taken(tmp_path, pythons, taken):
    assert make(tmp_path, **pythons).stdout.strip() == taken


@pytest.mark.parametrize(
    ("pythons", "found"),
    [
        ({"python3": "3.10", "python3.10": "3.10"}, "Python 3.10"),
        ({"python3": None}, "no python3"),
        ({}, "no python3"),
    ],
)
def test_without_one_that_fits_one_line_says_so(tmp_path, pythons, found):
    result = make(tmp_path, **pythons)
    assert result.returncode == 2
    assert not result.stdout
    (line,) = result.stderr.strip().splitlines()
    assert found in line
    assert "make PYTHON=" in line


def test_the_real_python_of_this_process_fits():
    command = ["make", "-C", str(ROOT), "python", f"PYTHON={sys.executable}"]
    command.append("VENV=.venv-none")
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert sys.executable in result.stdout, result.stderr


def test_every_requirement_has_a_lower_bound():
    spec = importlib.util.spec_from_file_location(
        "lower_bounds", ROOT / "tests/lower_bounds.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    bounds = module.lower_bounds(module.SETUP.read_text("utf-8"))
    assert len(bounds) > 15
    with pytest.raises(ValueError, match="scipy"):
        module.lower_bounds('install_requires=["scipy", "a>=1"], entry_points=')
