"""The rules of the house that a machine can check."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "foundation": set(),
    "skipthoughts": {"foundation"},
    "data_prep": {"foundation", "skipthoughts"},
    "text_to_image": {"foundation", "skipthoughts"},
}  # benchmarks/ measures all of them
SOURCES = sorted(
    path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py")
)


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_arrow_that_is_not_in_the_drawing(package):
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        for module in imported_modules(path):
            stage = module.partition(".")[0]
            if stage in MAY_IMPORT and stage != package:
                assert stage in MAY_IMPORT[package], f"{path} imports {module}"


@pytest.mark.parametrize("path", ["models", "losses.py"])
def test_networks_and_losses_import_only_keras(path):
    root = ROOT / "text_to_image" / path
    for file in root.rglob("*.py") if root.is_dir() else [root]:
        modules = {module.partition(".")[0] for module in imported_modules(file)}
        allowed = {"keras", "typing", "text_to_image"}
        # Faster under TensorFlow, Keras's own elsewhere.
        if file.name in ("batch_norm.py", "convolutions.py"):
            allowed.add("tensorflow")
        assert modules <= allowed, file


def test_skipthoughts_needs_little():
    allowed = {"absl", "foundation", "keras", "nltk", "numpy", "skipthoughts"}
    allowed |= {"tensorflow", "tqdm"}
    for file in (ROOT / "skipthoughts").rglob("*.py"):
        modules = {module.partition(".")[0] for module in imported_modules(file)}
        assert modules - sys.stdlib_module_names <= allowed, file


def test_no_file_is_named_after_nothing():
    names = {path.stem for path in SOURCES}
    assert not names & {"utils", "util", "helpers", "common", "misc"}


def test_files_stay_short():
    long = {p: n for p in SOURCES if (n := len(p.read_text().splitlines())) > 350}
    assert not long


def test_flags_are_read_at_entry_points_only():
    for path in SOURCES:
        if path.name in ("__main__.py", "command_line.py") or "cli" in path.parts:
            continue
        modules = set(imported_modules(path))
        assert "absl.flags" not in modules, path
        assert "from absl import flags" not in path.read_text("utf-8"), path
