"""Released models: small, whole, and the same images."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.generation.export import export
from text_to_image.runs.best_checkpoint import BestScore
from text_to_image.runs.open_cache import open_cache
from text_to_image.runs.parts import ModelParts
from text_to_image.runs.released import is_released_model

CAPTIONS = ["a red flower", "this flower has blue petals", "zebra"]


@pytest.fixture(scope="module")
def released(model, tmp_path_factory):
    directory = tmp_path_factory.mktemp("released") / "model"
    size = export(model, directory)
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert size == sum(path.stat().st_size for path in files)
    return directory


@pytest.fixture
def copy(released, tmp_path):
    return Path(shutil.copytree(released, tmp_path / "copy"))


def test_pictures_are_those_of_the_run(model, released):
    loaded = TextToImage.load(released)
    assert (loaded.step, loaded.checkpoint) == (3, "step 3")
    ours = model.generate(CAPTIONS, range(5)).astype(int)
    theirs = loaded.generate(CAPTIONS, range(5)).astype(int)
    assert ours.std() > 1  # they are not all of one color
    assert np.abs(ours - theirs).max() <= 1


def test_it_needs_no_other_file(model, copy, monkeypatch):
    elsewhere = copy.parent / "elsewhere"
    copy.rename(elsewhere)
    assert is_released_model(elsewhere) and not is_released_model(copy)
    loaded = TextToImage.load(elsewhere)
    assert loaded.description.encoder_id == loaded.encoder.id
    text = (elsewhere / "model.json").read_text()
    assert model.description.config.cache_dir not in text
    assert loaded.description.config.cache_dir == ""


def test_weights_are_half_as_large_and_not_pickled(model, released):
    with np.load(released / "weights.npz", allow_pickle=False) as arrays:
        stored = [arrays[name] for name in sorted(arrays.files)]
    generator = model.generator.get_weights()
    assert len(stored) == len(generator) + 2
    for array, weight in zip(stored, generator, strict=False):
        assert array.dtype == (np.float16 if weight.ndim > 1 else np.float32)
        np.testing.assert_allclose(array, weight, rtol=2**-11, atol=1e-7)


def test_exporting_a_released_model_gives_the_same_files(released, tmp_path):
    export(TextToImage.load(released), tmp_path / "again")
    for path in released.rglob("*"):
        if path.suffix in (".json", ".npy", ".npz", ".txt"):
            other = tmp_path / "again" / path.relative_to(released)
            assert other.read_bytes() == path.read_bytes()


def test_kernels_of_bfloat16_lose_nothing(replaced, tmp_path, trained):
    """What a generator of bfloat16 reads of a kernel fits float16."""
    from text_to_image.gan import make_generator

    model = TextToImage.load(trained)
    config = replaced(mixed_precision="bfloat16")
    generator = make_generator(config, model.description.text_dim, "generator")
    half = TextToImage(
        ModelParts(
            model.description, model.encoder, generator, model.text_scaling, step=1
        )
    )
    export(half, tmp_path / "half")
    with np.load(tmp_path / "half" / "weights.npz") as arrays:
        for i, weight in enumerate(generator.weights):
            if len(weight.shape) > 1:
                read = tf.cast(tf.cast(weight.value, tf.bfloat16), tf.float32).numpy()
                large = np.abs(read) > 2**-14  # below, float16 has fewer digits
                stored = arrays[f"generator_{i:03d}"].astype(np.float32)
                np.testing.assert_array_equal(stored[large], read[large])
                np.testing.assert_allclose(stored, read, atol=2**-25)


def test_the_score_is_kept(model, tmp_path):
    scored = TextToImage(
        ModelParts(
            model.description,
            model.encoder,
            model.generator,
            model.text_scaling,
            step=2,
            score=BestScore(2, "kid", 0.25, 100, 0),
        )
    )
    export(scored, tmp_path / "scored")
    loaded = TextToImage.load(tmp_path / "scored")
    assert loaded.score == scored.score
    assert loaded.checkpoint == "step 2, best by kid 0.25"


@pytest.mark.parametrize(
    ("choice", "flag"), [(("latest",), "--checkpoint=latest"), (("", False), "--noema")]
)
def test_there_is_only_one_generator(released, choice, flag):
    with pytest.raises(InputError, match=f"{flag}: .*one generator only"):
        TextToImage.load(released, *choice)


def cache_of(directory, source, **changes):
    """Copies the manifest of a cache, with changes."""
    manifest = json.loads((source / "manifest.json").read_text())
    manifest["embedding"]["encoder_id"] = changes.pop("encoder_id", "another")
    directory.mkdir()
    (directory / "manifest.json").write_text(json.dumps({**manifest, **changes}))
    return directory


def test_caches_that_it_can_be_measured_on(released, tiny_cache, tmp_path):
    description = TextToImage.load(released).description
    own = cache_of(tmp_path / "own", tiny_cache, encoder_id=description.encoder_id)
    for path in (tiny_cache, own):
        assert open_cache(released, description, str(path)).directory == path
    other_text = cache_of(tmp_path / "text", tiny_cache)
    other_data = cache_of(
        tmp_path / "data",
        tiny_cache,
        encoder_id=description.encoder_id,
        dataset="birds",
    )
    for path, found in (
        (other_text, "tiny with encoder another"),
        (other_data, "bird"),
    ):
        with pytest.raises(InputError, match=f"{found}.*--encoder={released}/encoder"):
            open_cache(released, description, str(path))
    with pytest.raises(InputError, match=r"names no cache.*python -m data_prep"):
        open_cache(released, description, "")


FILES = [
    "weights.npz",
    *("encoder/config.json", "encoder/vocabulary.txt"),
    *("encoder/uni.words.npy", "encoder/bi.weights.h5"),
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
def test_damaged_file_is_one_line(copy, name, damage):
    path = copy / name
    content = bytearray(path.read_bytes())
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[:-30])
    elif damage == "flipped":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        TextToImage.load(copy)
    message = str(caught.value)
    expected = "is missing" if damage == "missing" else "has sha256"
    assert f"{path}: {expected}" in message and "--output=DIR" in message
    assert "\n" not in message


def test_without_description_it_is_no_model(copy):
    (copy / "model.json").unlink()
    with pytest.raises(InputError, match=r"expected a trained run, nor a model\.json"):
        TextToImage.load(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format 2, expected 1"),
        ({"files": 3}, "cannot be read"),
        ({"step": None}, "cannot be read"),
        ({"score": {"metric": "kid"}}, "cannot be read"),
        ({"description": {}}, "cannot be read"),
        ({"files": {}}, "weights.npz: has sha256 .*, expected None"),
        ({"files": {"weights.npz": 3}}, "weights.npz: has sha256 .*, expected 3"),
    ],
)
def test_description_that_is_not_ours(copy, change, message):
    path = copy / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=message):
        TextToImage.load(copy)


def test_half_a_description(copy):
    path = copy / "model.json"
    path.write_text(path.read_text()[:-30])
    with pytest.raises(InputError, match=r"model\.json: cannot be read"):
        TextToImage.load(copy)


def change_description(directory, **changes):
    path = directory / "model.json"
    content = json.loads(path.read_text())
    for name, value in changes.items():
        inner = content["description"]
        (inner if name in inner else inner["config"])[name] = value
    path.write_text(json.dumps(content))


def test_weights_of_another_architecture(copy):
    change_description(copy, gf=8)
    with pytest.raises(InputError, match=r"weights\.npz: does not fit model\.json"):
        TextToImage.load(copy)


def test_encoder_of_another_model(copy):
    change_description(copy, encoder_id="f" * 64)
    with pytest.raises(InputError, match="expected ffffffffffff"):
        TextToImage.load(copy)


@pytest.mark.parametrize("inside", [["holiday.jpg"], ["model.json", "notes.txt"]])
def test_other_directories_are_left_alone(model, tmp_path, inside):
    for name in inside:
        (tmp_path / name).write_text("dear")
    with pytest.raises(InputError, match=f"holds {inside[-1]}, which is no part"):
        export(model, tmp_path)
    with pytest.raises(InputError, match="is a file"):
        export(model, tmp_path / inside[0])
    assert [p.name for p in sorted(tmp_path.iterdir())] == sorted(inside)


def test_failed_export_leaves_the_earlier_model(model, copy, monkeypatch):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("text_to_image.generation.export.write_text", full)
    with pytest.raises(InputError, match="No space left on device"):
        export(model, copy)
    assert {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()} == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_spoilt_weights_are_not_released(trained, tmp_path):
    model = TextToImage.load(trained)
    weights = model.generator.get_weights()
    weights[0][:] = np.nan
    model.generator.set_weights(weights)
    with pytest.raises(InputError, match="does not fit float16"):
        export(model, tmp_path / "model")
    assert not list(tmp_path.iterdir())
