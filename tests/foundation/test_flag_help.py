"""--help lists every flag of a command, with its default and meaning."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skipthoughts.__main__ import COMMANDS as SKIPTHOUGHTS
from text_to_image.cli.evaluate import COMMANDS as EVALUATE
from text_to_image.cli.generate import COMMANDS as GENERATE
from text_to_image.cli.train import COMMANDS as TRAIN
from text_to_image.config import Config
from text_to_image.style.config import StyleEncoderConfig

ROOT = Path(__file__).parents[2]
PROGRAMS = {
    "train.py": TRAIN,
    "generate.py": GENERATE,
    "evaluate.py": EVALUATE,
    "-m skipthoughts": SKIPTHOUGHTS,
}
CASES = [(p, name) for p, commands in PROGRAMS.items() for name in commands]
# Defines the flags of a module as the command does, and prints their names.
DEFINED = """
import importlib, sys
from absl import flags
import foundation.command_line
before = set(flags.FLAGS)
importlib.import_module(sys.argv[1])
print(*sorted(set(flags.FLAGS) - before))
"""


def run(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def shown_flags(text):
    return dict(re.findall(r"^  --(?:\[no\])?(\w+)=?(.*)$", text, re.M))


@pytest.mark.parametrize(("program", "name"), CASES)
def test_every_flag_is_shown(program, name):
    text = run(*program.split(), name, "--help")
    shown = shown_flags(text)
    module = PROGRAMS[program][name].module
    defined = run("-c", DEFINED, module).split()
    assert set(shown) == {*defined, "flagfile", "debug"}
    assert all(len(line) <= 88 for line in text.splitlines())
    # Every flag has a text of its own.
    assert not re.search(r"^  --.*\n(?!      \S)", text, re.M)


@pytest.mark.parametrize(
    ("command", "config"), [("gan", Config), ("style", StyleEncoderConfig)]
)
def test_fields_of_the_configuration_are_shown(command, config):
    text = run("train.py", command, "--help")
    shown = shown_flags(text)
    for field in dataclasses.fields(config):
        if field.type is not bool:
            assert shown[field.name] == str(field.default)
        assert f"\n{field.metadata['group']}:\n" in text


@pytest.mark.parametrize("program", ["train.py", "generate.py"])
def test_the_plain_form_is_the_first_command(program):
    text = run(program, "--help")
    assert shown_flags(text) == shown_flags(
        run(program, next(iter(PROGRAMS[program])), "--help")
    )
    for name, command in PROGRAMS[program].items():
        assert f"  {name:14}{command.purpose}" in text


@pytest.mark.parametrize("program", ["evaluate.py", "-m skipthoughts"])
def test_without_a_plain_form_all_commands_are_shown(program):
    text = run(*program.split(), "--help")
    for name, command in PROGRAMS[program].items():
        assert f"  {name:14}{command.purpose}" in text
        assert run(*program.split(), name, "--help").strip() in text


def test_data_prep_shows_its_flags():
    shown = shown_flags(run("-m", "data_prep", "--help"))
    assert shown["dataset"] == "rendered_flowers"
    assert {"cache_dir", "encoder", "overwrite"} < set(shown)


def test_packages_define_no_flag():
    packages = "foundation, skipthoughts, data_prep, text_to_image"
    code = f"from absl import flags; before = set(flags.FLAGS); import {packages}; "
    assert run("-c", code + "print(set(flags.FLAGS) - before)") == "set()\n"


@pytest.mark.parametrize("program", ["train.py", "evaluate.py"])
def test_a_pipe_that_is_closed_is_no_traceback(program):
    result = subprocess.run(
        f'"{sys.executable}" {program} --help | head -n 1',
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in result.stderr
