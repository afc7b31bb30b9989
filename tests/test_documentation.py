"""Every command of the documentation is one that its program understands."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *("README.md", "CONTRIBUTING.md", "data_prep/README.md", "skipthoughts/README.md"),
    *(
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "docs").glob("*.md"))
    ),
]
# Parses a command as its program does, up to where the work would begin.
PARSE = """
import importlib, runpy, sys
from absl import flags
import foundation.command_line as command_line
def parsed(main, description=""):
    command_line._parse_flags(sys.argv)
    print("parsed")
command_line.run = parsed
program, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = program
if program.startswith("-m "):
    name = program[3:]
    module = importlib.import_module(name + ".__main__")
else:
    module = importlib.import_module("text_to_image.cli." + program[:-3])
module.run = parsed
module.console()
"""


def commands(page):
    """The lines of code blocks that call a program of this repository."""
    text = (ROOT / page).read_text("utf-8")
    blocks = re.findall(r"^```(?:sh|bash)?\n(.*?)^```", text, re.M | re.S)
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        if "python" not in line:
            continue
        line = line.replace("\\", "/") if ".venv\\" in line else line
        words = shlex.split(line, comments=True)
        words = words[1:] if words and words[0] == "$" else words
        if not words or not re.search(r"(^|/)python$", words[0]):
            continue
        program = " ".join(words[1:3]) if words[1] == "-m" else words[1]
        rest = words[3:] if words[1] == "-m" else words[2:]
        yield program, rest


CASES = sorted(
    {
        (program, *rest)
        for page in PAGES
        for program, rest in commands(page)
        if program.endswith(".py") or program in ("-m data_prep", "-m skipthoughts")
    }
)


def test_there_are_commands():
    programs = {case[0] for case in CASES}
    assert {"train.py", "generate.py", "evaluate.py", "-m data_prep"} <= programs
    assert len(CASES) > 25


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_command_parses(case):
    # Where a reader puts names of their own.
    words = [word.replace("FLAGS", "--seed=1") for word in case if word != "…"]
    words = [word.replace("$objective", "gan") for word in words]
    result = subprocess.run(
        [sys.executable, "-c", PARSE, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.stdout == "parsed\n", result.stderr


@pytest.mark.parametrize("page", PAGES)
def test_links_and_images_are_there(page):
    text = (ROOT / page).read_text("utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not link.startswith("http"):
            assert ((ROOT / page).parent / link).exists(), link


def test_the_first_page_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 220
