import dataclasses
import itertools
import json

import numpy as np
import pytest

from data_prep import cache as module
from data_prep.cache import CacheOptions, write_cache
from data_prep.workspace import Workspace
from foundation.atomic import sha256_of
from foundation.errors import InputError
from skipthoughts.config import EncoderConfig, TrainingConfig


@pytest.fixture(scope="module")
def options(fake_encoder):
    return CacheOptions(encoder=fake_encoder)


@pytest.fixture(scope="module")
def whole(tiny_builder, options, tmp_path_factory):
    """A cache written without interruption; read-only."""
    directory = tmp_path_factory.mktemp("cache") / "whole"
    assert write_cache(tiny_builder, directory, options)
    return directory


@pytest.fixture
def manifest(whole):
    return json.loads((whole / "manifest.json").read_text("utf-8"))


def test_manifest_describes_the_cache(manifest, tiny_builder):
    assert manifest["schema"] == 1
    assert manifest["dataset"] == "flowers102_captions"
    assert manifest["version"] == "1.0.0"
    assert manifest["image_size"] == 76
    assert manifest["splits"] == {
        "train": {"images": 5, "captions": 2 + 1 + 3 + 1 + 1, "classes": 2},
        "validation": {"images": 2, "captions": 2 + 3, "classes": 1},
        "test": {"images": 2, "captions": 3 + 2, "classes": 1},
    }
    scale = manifest["embedding"].pop("scale")
    assert scale == pytest.approx(1, abs=1e-3)
    assert manifest["embedding"] == {
        "dim": 6,
        "dtype": "float16",
        "encoder_id": "fake",
    }
    assert manifest["class_names"][2] == "class_00003"
    assert manifest["sources"] == dict(tiny_builder.info.metadata["sources"])


def test_every_file_is_in_the_manifest_with_its_hash(whole, manifest, read_tree):
    assert set(manifest["files"]) == set(read_tree(whole)) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == sha256_of(whole / name)
        assert entry["size"] == (whole / name).stat().st_size
    assert (whole / "encoder/weights").read_bytes() == b"fake weights"


def test_vectors_are_those_of_the_captions(whole, fake_encoder):
    for split in ("train", "validation", "test"):
        captions = json.loads((whole / split / "captions.json").read_text("utf-8"))
        vectors = np.load(whole / split / "embeddings.npy", mmap_mode="r")
        expected = fake_encoder.encode(captions).astype(np.float16)
        np.testing.assert_array_equal(vectors, expected)


def test_training_can_read_it(whole):
    from text_to_image.data.cache import Cache

    cache = Cache(whole)
    cache.verify()
    train = cache.split("train")
    assert len(train.images) == len(train.labels) == 5
    assert len(train.embeddings) == len(train.captions) == train.caption_offsets[-1]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("calls", range(9))
def test_killed_anywhere_it_ends_with_the_same_bytes(
    whole, tiny_builder, options, tmp_path, monkeypatch, read_tree, calls
):
    """The `calls`-th piece is made but not recorded; 8 is the move into place."""
    count = itertools.count()
    kept_piece, kept_finish = Workspace.piece, Workspace.finish

    def piece(self, names, make):
        def then_killed():
            make()
            if next(count) == calls:
                raise Killed

        kept_piece(self, names, then_killed)

    def finish(self, manifest):
        if next(count) == calls:
            raise Killed
        kept_finish(self, manifest)

    directory = tmp_path / "cut"
    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "piece", piece)
        patch.setattr(Workspace, "finish", finish)
        with pytest.raises(Killed):
            write_cache(tiny_builder, directory, options)
    assert not directory.exists()
    assert write_cache(tiny_builder, directory, options)
    assert read_tree(directory) == read_tree(whole)
    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


def test_the_same_cache_is_not_written_again(whole, tiny_builder, options, read_tree):
    before = read_tree(whole)
    assert not write_cache(tiny_builder, whole, options)
    assert read_tree(whole) == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dtype": "float32"}, "with dtype float16, now float32"),
        ({"max_bad_fraction": 0.5}, "with max_bad_fraction 0.0, now 0.5"),
        ({"encoder": None}, "with encoder fake, now"),
    ],
)
def test_a_cache_of_other_content_stays_unless_overwritten(
    whole, tiny_builder, options, read_tree, changes, message
):
    before = read_tree(whole)
    with pytest.raises(InputError, match=rf"{message}.*--overwrite"):
        write_cache(tiny_builder, whole, dataclasses.replace(options, **changes))
    assert read_tree(whole) == before


def test_the_differing_setting_of_the_encoder_is_named(
    whole, tiny_builder, tmp_path, manifest
):
    training = TrainingConfig(encoder=EncoderConfig(dim=64), seed=3)
    request = {**manifest["request"], "encoder": dataclasses.asdict(training)}
    (tmp_path / "manifest.json").write_text(json.dumps({"request": request}))
    for other, message in (
        (dataclasses.replace(training, seed=4), "with encoder.seed 3, now 4"),
        (TrainingConfig(seed=3), "with encoder.encoder.dim 64, now 256"),
    ):
        with pytest.raises(InputError, match=message):
            write_cache(tiny_builder, tmp_path, CacheOptions(training=other))


def test_overwrite_replaces_a_cache(tiny_builder, options, tmp_path, whole, read_tree):
    directory = tmp_path / "cache"
    other = dataclasses.replace(options, dtype="float32")
    assert write_cache(tiny_builder, directory, other)
    (directory / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match=r"damaged cache.*--overwrite"):
        write_cache(tiny_builder, directory, options)
    assert write_cache(tiny_builder, directory, options, overwrite=True)
    assert read_tree(directory) == read_tree(whole)


def test_what_is_not_a_cache_is_never_replaced(tiny_builder, options, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for place in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(InputError, match="not a cache"):
            write_cache(tiny_builder, place, options, overwrite=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_an_encoder_is_trained_on_training_captions_only(
    tiny_builder, fake_encoder, tmp_path, monkeypatch
):
    seen = []

    def train(groups, config):
        seen.extend(groups)
        return fake_encoder

    class Loaded:
        load = staticmethod(lambda directory: fake_encoder)

    monkeypatch.setattr(module, "train", train)
    monkeypatch.setattr(module, "SkipThoughtEncoder", Loaded)
    write_cache(tiny_builder, tmp_path / "cache", CacheOptions())
    expected = {
        tuple(f"Flower {i}, seen {k} time(s)." for k in range(1 + i % 3))
        for i in (1, 3, 5, 6, 9)
    }
    assert {tuple(group) for group in seen} == expected
