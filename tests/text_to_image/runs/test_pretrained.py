"""The released model within the package, and that an installed package has it."""

import ast
import importlib.resources
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import text_to_image
from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.generation.export import export
from text_to_image.runs.pretrained import pretrained_path

ROOT = Path(__file__).parents[3]
PLACE = "pretrained/flowers102"
COMES_WITH_IT = (Path(text_to_image.__file__).parent / PLACE / "model.json").is_file()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A folder that stands for the installed package."""
    monkeypatch.setattr(importlib.resources, "files", lambda name: tmp_path / name)
    return tmp_path / "text_to_image"


def test_model_of_the_package_is_found(model, package):
    export(model, package / PLACE)
    assert pretrained_path() == package / PLACE
    assert TextToImage.load(pretrained_path()).step == 3


@pytest.mark.usefixtures("package")
def test_package_without_a_model_says_what_to_do():
    with pytest.raises(InputError) as caught:
        pretrained_path()
    for part in (PLACE, "--workdir", "python train.py --flagfile=configs/quickstart"):
        assert part in str(caught.value)


@pytest.mark.skipif(not COMES_WITH_IT, reason="this copy has no released model yet")
def test_model_that_comes_with_the_package():
    model = TextToImage.load(pretrained_path())
    images = model.generate(["this flower has long pink petals"], [0])[0, 0]
    assert images.std() > 10
    files = [path for path in pretrained_path().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25e6


def test_package_data_names_every_file_of_a_released_model(model, tmp_path):
    export(model, tmp_path / PLACE)
    written = {path for path in tmp_path.rglob("*") if path.is_file()}
    patterns = package_data()["text_to_image"]
    assert {path for pattern in patterns for path in tmp_path.glob(pattern)} >= written


def package_data():
    for node in ast.walk(ast.parse((ROOT / "setup.py").read_text("utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "package_data":
            return ast.literal_eval(node.value)
    raise AssertionError("setup.py has no package_data")


@pytest.mark.slow
def test_wheel_has_the_model(model, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("setup.py", "pyproject.toml", "README.md"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    (source / "text_to_image").mkdir()
    (source / "text_to_image" / "__init__.py").touch()
    export(model, source / "text_to_image" / PLACE)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index"]
    options = ["--no-build-isolation", "--quiet", f"--wheel-dir={tmp_path}"]
    subprocess.run([*command, *options, str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    installed = tmp_path / "installed" / "text_to_image" / PLACE
    assert TextToImage.load(installed).step == 3
