"""Descriptions that name sizes, types and files of their own are refused at once."""

import json
import shutil
import time

import pytest

from foundation.boundary import inside
from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder
from text_to_image import TextToImage
from text_to_image.data.cache import Cache
from text_to_image.runs.best_checkpoint import BestScore
from text_to_image.runs.pretrained import pretrained_path

WRONG = [1_000_000_000, 10**30, 100.5, "x", True, None, -1, [1], {}, "a" * 300]


@pytest.fixture
def released(tmp_path):
    return shutil.copytree(pretrained_path(), tmp_path / "released")


def rewrite(path, *keys, value):
    content = json.loads(path.read_text("utf-8"))
    inner = content
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    path.write_text(json.dumps(content))


def assert_refused_at_once(load, folder, told):
    started = time.monotonic()
    with pytest.raises(InputError) as error:
        load(folder)
    assert time.monotonic() - started < 5
    assert told in str(error.value) and "\n" not in str(error.value)
    assert len(str(error.value)) < 1000


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("key", ["text_dim", "steps_per_epoch"])
def test_sizes_of_a_released_model(released, key, value):
    if value == 1_000_000_000 and key == "steps_per_epoch":
        pytest.skip("is a number of steps")
    rewrite(released / "model.json", "description", key, value=value)
    assert_refused_at_once(TextToImage.load, released, key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("gf", value) for value in (1_000_000, 513, -1, 100.0, "x", True)),
        *(("z_dim", value) for value in (100.0, 10**9, 0, None)),
        ("text_features", 10**6),
        ("kernel_size", 10**6),
        ("architecture", "x" * 300),
        ("learning_rate", "1"),
        ("conditional", 1),
    ],
)
def test_sizes_of_a_configuration(released, key, value):
    rewrite(released / "model.json", "description", "config", key, value=value)
    assert_refused_at_once(TextToImage.load, released, f"--{key}=")


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/passwd", "a/../../x", "C:\\x", "\\\\host\\x", "a\0", "x" * 300],
)
def test_names_of_files_that_lead_elsewhere(released, name):
    with pytest.raises(ValueError, match="a file name"):
        inside(released, name)
    content = json.loads((released / "model.json").read_text("utf-8"))
    content["files"][name] = "0" * 64
    (released / "model.json").write_text(json.dumps(content))
    assert_refused_at_once(TextToImage.load, released, "a file name")


def load_encoder(folder):
    return SkipThoughtEncoder.load(folder / "encoder")


@pytest.mark.parametrize(
    "content", ["[]", "null", "", "\xff", '{"format": 1e999}', "3", "[" * 100_000]
)
def test_what_is_no_description(released, content):
    for path, load in (
        (released / "model.json", TextToImage.load),
        (released / "encoder/config.json", load_encoder),
    ):
        path.write_bytes(content.encode("latin-1"))
        assert_refused_at_once(load, released, f"{path}: cannot be read")


@pytest.mark.parametrize("value", [*WRONG, 3])
@pytest.mark.parametrize("key", ["dim", "word_dim"])
def test_sizes_of_an_encoder(released, key, value):
    if (key, value) == ("word_dim", 3):
        pytest.skip("is a size, and one that its table has not")
    path = released / "encoder/config.json"
    rewrite(path, "encoder", key, value=value)
    assert_refused_at_once(load_encoder, released, f"{key}=")


@pytest.mark.parametrize("key", ["dataset", "embedding", "files", "schema", "splits"])
def test_a_manifest_without_a_part(cache_copy, key):
    path = cache_copy / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    del content[key]
    path.write_text(json.dumps(content))
    assert_refused_at_once(lambda p: Cache(p).split("train"), cache_copy, "manifest")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd"])
def test_a_manifest_of_files_elsewhere(cache_copy, name):
    path = cache_copy / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    content["files"][name] = {"size": 1, "sha256": "0" * 64}
    path.write_text(json.dumps(content))
    assert_refused_at_once(Cache, cache_copy, "manifest")


def test_scores_of_other_types():
    good = {"step": 1, "metric": "kid", "value": 0.5, "num_images": 10, "seed": 0}
    assert BestScore.from_dict(good).value == 0.5
    for key, value in (("step", "1"), ("value", float("nan")), ("metric", 3)):
        with pytest.raises(InputError, match=f"--{key}="):
            BestScore.from_dict({**good, key: value})
    with pytest.raises(TypeError):
        BestScore.from_dict({"step": 1})
