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
# Rooms of a stage from the ground up; "." are the files at its top that are named.
FLOORS = {
    "skipthoughts": ["top", "words", "training", "release", "graph", "measures", "cli"],
    "text_to_image": [
        *("config", "optimization", "models", "metrics", "pictures", "losses"),
        *("data", "gan", "runs", "generation", "style", "evaluations", "training"),
        "cli",
    ],
}
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


def room_of(stage, module):
    """The folder of a module within its stage, or the file at the top."""
    room = module.split(".")[1]
    return room if room in FLOORS[stage] else "top"


@pytest.mark.parametrize("stage", FLOORS)
def test_rooms_import_only_what_is_below(stage):
    floors = FLOORS[stage]
    for path in (ROOT / stage).rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1] in ("__init__", "__main__"):  # the doors
            continue
        room = room_of(stage, ".".join(parts))
        for module in imported_modules(path):
            if module.startswith(f"{stage}."):
                below = room_of(stage, module)
                assert floors.index(below) <= floors.index(room), f"{path}: {module}"


def test_no_circle_of_imports():
    modules = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in SOURCES}
    arrows = {
        name: {module for module in imported_modules(path) if module in modules}
        for name, path in modules.items()
    }
    while arrows:
        ground = {name for name, below in arrows.items() if not below & set(arrows)}
        assert ground, f"a circle among {sorted(arrows)}"
        arrows = {n: below for n, below in arrows.items() if n not in ground}


def test_the_paper_is_at_the_top():
    entries = {
        path.name
        for path in (ROOT / "text_to_image").iterdir()
        if path.name != "__pycache__"
    }
    files = {name for name in entries if name.endswith(".py")}
    assert files == {"__init__.py", "config.py", "gan.py", "losses.py"}
    assert len(entries - files) <= 12 + 1  # folders and py.typed


@pytest.mark.parametrize("path", ["models", "losses.py"])
def test_networks_and_losses_import_only_keras(path):
    root = ROOT / "text_to_image" / path
    for file in root.rglob("*.py") if root.is_dir() else [root]:
        modules = {module.partition(".")[0] for module in imported_modules(file)}
        allowed = {"collections", "keras", "typing", "text_to_image"}
        # Faster under TensorFlow, Keras's own elsewhere.
        if file.name in ("batch_norm.py", "convolutions.py"):
            allowed.add("tensorflow")
        assert modules <= allowed, file


def test_skipthoughts_needs_little():
    allowed = {"absl", "foundation", "keras", "nltk", "numpy", "skipthoughts"}
    allowed |= {"tensorflow", "tqdm"}
    for file in (ROOT / "skipthoughts").rglob("*.py"):
        modules = {module.partition(".")[0] for module in imported_modules(file)}
        if file.name == "baselines.py":
            modules.discard("sklearn")
        assert modules - sys.stdlib_module_names <= allowed, file


def test_no_file_is_named_after_nothing():
    names = {path.stem for path in SOURCES}
    assert not names & {"utils", "util", "helpers", "common", "misc"}


def test_files_and_functions_stay_short():
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 300, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                # The training loop may be longer: it is strictly linear.
                most = 100 if path.name == "loop.py" else 60
                assert node.end_lineno - node.lineno < most, f"{path}: {node.name}"


def test_flags_are_read_at_entry_points_only():
    for path in SOURCES:
        entries = ("__main__.py", "command_line.py", "flag_help.py")
        if path.name in entries or "cli" in path.parts:
            continue
        modules = set(imported_modules(path))
        assert "absl.flags" not in modules, path
        assert "from absl import flags" not in path.read_text("utf-8"), path
