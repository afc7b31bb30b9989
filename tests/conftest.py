"""Shared by all tests: a tiny encoder and a tiny cache, made by the real code."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import dataclasses
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from foundation.atomic import sha256_of

COLORS = {"red": (200, 20, 20), "blue": (30, 60, 220), "white": (240, 240, 240)}
SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def temporary_directory(tmp_path_factory):
    """What libraries leave in the temporary directory goes where pytest removes it."""
    directory = str(tmp_path_factory.mktemp("temporary"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(name, directory)
        patch.setattr(tempfile, "tempdir", directory)
        yield


@pytest.fixture(scope="session")
def tiny_encoder():
    """A combine-skip encoder of 2 x 8 dimensions, trained for a moment."""
    from skipthoughts.config import EncoderConfig, TrainingConfig
    from skipthoughts.training.skip_thoughts import train

    groups = [
        [f"a {color} flower", f"this flower has {color} petals"] for color in COLORS
    ]
    config = TrainingConfig(
        encoder=EncoderConfig(dim=8, word_dim=6), steps=10, batch_size=4
    )
    return train(groups, config, progress=False)


def write_cache(directory: Path, encoder) -> Path:
    """Writes a cache of 12 flat images of three classes by its documented format."""
    rng = np.random.default_rng(0)
    files, splits = {}, {}
    for split in ("train", "validation", "test"):
        folder = directory / split
        folder.mkdir(parents=True)
        labels = np.repeat(np.arange(3, dtype=np.int32), 4)
        counts = 1 + np.arange(12) % 3
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        images = np.empty((12, 76, 76, 3), np.uint8)
        captions = []
        for i, label in enumerate(labels):
            color = list(COLORS)[label]
            noise = rng.integers(-15, 15, (76, 76, 3))
            images[i] = np.clip(np.array(COLORS[color]) + noise, 0, 255)
            texts = (f"a {color} flower", f"petals are {color}", f"{color} petals")
            captions += texts[: counts[i]]
        arrays = {
            "images": images,
            "labels": labels,
            "caption_offsets": offsets,
            "embeddings": encoder.encode(captions).astype(np.float16),
        }
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array)
        (folder / "captions.json").write_text(json.dumps(captions))
        names = [f"image_{i:05d}" for i in range(12)]
        (folder / "names.json").write_text(json.dumps(names))
        splits[split] = {"images": 12, "captions": len(captions), "classes": 3}
    encoder.save(directory / "encoder")
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            name = path.relative_to(directory).as_posix()
            files[name] = {"sha256": sha256_of(path), "size": path.stat().st_size}
    manifest = {
        "schema": 1,
        "dataset": "tiny",
        "version": "1.0.0",
        "image_size": 76,
        "splits": splits,
        "embedding": {
            "dim": encoder.dim,
            "dtype": "float16",
            "scale": 1.414,
            "encoder_id": encoder.id,
        },
        "class_names": list(COLORS),
        "files": files,
    }
    (directory / "manifest.json").write_text(json.dumps(manifest))
    return directory


@pytest.fixture(scope="session")
def tiny_cache(tmp_path_factory, tiny_encoder):
    """A read-only cache; copy it before damaging it."""
    return write_cache(tmp_path_factory.mktemp("cache") / "tiny", tiny_encoder)


@pytest.fixture
def cache_copy(tiny_cache, tmp_path):
    """A cache to damage."""
    return Path(shutil.copytree(tiny_cache, tmp_path / "cache"))


@pytest.fixture(scope="session")
def tiny_config(tiny_cache):
    """The smallest networks on the tiny cache, three steps."""
    from text_to_image import Config

    return Config(
        cache_dir=str(tiny_cache),
        architecture="dcgan",
        gf=4,
        df=4,
        text_features=4,
        batch_size=4,
        steps=3,
        steps_per_call=2,
        log_every=2,
        sample_every=2,
        checkpoint_every=1,
        ema_decay=0.9,
        deterministic=False,
    )


@pytest.fixture(scope="session")
def trained(tiny_config, tmp_path_factory):
    """The directory of a finished run; read-only."""
    from text_to_image.training.loop import train

    workdir = tmp_path_factory.mktemp("runs") / "trained"
    train(tiny_config, workdir)
    return workdir


@pytest.fixture
def replaced(tiny_config):
    """Returns the tiny configuration with other values."""
    return lambda **values: dataclasses.replace(tiny_config, **values)
