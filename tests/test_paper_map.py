"""docs/paper.md names files, functions and fields that exist."""

import ast
import dataclasses
import re
from pathlib import Path

import pytest

from text_to_image.config import Config

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/paper.md").read_text("utf-8")
CODE = re.findall(r"\| `([\w/]+\.py)` \| `([\w.]+)` \|", TEXT)


def definitions(path):
    """Names of functions and classes of a file, methods as Class.method."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield f"{node.name}.{method.name}"


def test_every_line_of_the_algorithm_is_there():
    rows = re.findall(r"^\| (\d+(?:, \d+)?) \|", TEXT, re.MULTILINE)
    lines = sorted(int(number) for row in rows for number in row.split(", "))
    assert lines == list(range(1, 15))


@pytest.mark.parametrize(("file", "name"), sorted(set(CODE)))
def test_code_exists(file, name):
    assert name in definitions(ROOT / "text_to_image" / file)


def test_paths_exist():
    paths = set(re.findall(r"(?:skipthoughts|configs)/[\w/]+\.(?:py|cfg)", TEXT))
    assert len(paths) == 4
    assert all((ROOT / path).is_file() for path in paths)


def test_hyperparameters_are_the_defaults():
    section = TEXT[TEXT.index("## Hyperparameters") :]
    rows = re.findall(r"\| `([a-z]\w+)` \| ([\w.-]+)", section)
    defaults = {field.name: field.default for field in dataclasses.fields(Config)}
    assert len(rows) == 14
    for name, value in rows:
        assert type(defaults[name])(value) == defaults[name], name
