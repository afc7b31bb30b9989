"""Made-up data of real size and form: a split, a cache, a run, photographs."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from foundation.atomic import sha256_of
from text_to_image.config import Config
from text_to_image.data.cache import SCHEMA, Cache, Split

if TYPE_CHECKING:
    from text_to_image.data.device_dataset import DeviceDataset
    from text_to_image.gan import GAN

_CAPTIONS = [f"a {color} flower" for color in ("red", "blue", "white", "pink")]
_CLASSES = 8
_WORDS = 3_500  # about as many as the captions of Flowers-102 have


def random_split(count: int, text_dim: int) -> Split:
    """Returns `count` noisy images of eight classes with a caption each.

    Args:
        count: images, 8 or more.
        text_dim: dimensions of the vectors, which are random, too.
    """
    rng = np.random.default_rng(0)
    return Split(
        images=rng.integers(0, 256, (count, 76, 76, 3), np.uint8),
        embeddings=rng.normal(size=(count, text_dim)).astype(np.float32),
        caption_offsets=np.arange(count + 1),
        labels=np.arange(count, dtype=np.int32) % _CLASSES,
        captions=[_CAPTIONS[i % len(_CAPTIONS)] for i in range(count)],
    )


def random_run(config: Config, text_dim: int) -> "tuple[GAN, DeviceDataset]":
    """Returns what `compile_steps` takes, with random weights and random images.

    Args:
        config: of the run.
        text_dim: dimensions of the vectors.
    """
    from text_to_image.data.device_dataset import DeviceDataset
    from text_to_image.gan import GAN

    split = random_split(max(2 * config.batch_size, 8), text_dim)
    return GAN(config, text_dim), DeviceDataset(split, config)


def write_cache(directory: Path, count: int, text_dim: int) -> Path:
    """Writes a cache of random images; its format: data_prep/README.md.

    Args:
        directory: where to; made.
        count: images of each split.
        text_dim: dimensions of the vectors, and of an encoder with random weights;
            divisible by 4.

    Returns:
        The directory.
    """
    split = random_split(count, text_dim)
    for name in ("train", "validation", "test"):
        _write_split(directory / name, split)
    manifest = {
        "schema": SCHEMA,
        "dataset": "synthetic",
        "version": "1.0.0",
        "image_size": 76,
        "splits": {
            name: {"images": count, "captions": count, "classes": _CLASSES}
            for name in ("train", "validation", "test")
        },
        "embedding": {
            "dim": text_dim,
            "dtype": "float32",
            "scale": text_dim**0.5,
            "encoder_id": _write_encoder(directory / "encoder", text_dim),
        },
        "class_names": [str(i) for i in range(_CLASSES)],
        "files": {
            path.relative_to(directory).as_posix(): {
                "sha256": sha256_of(path),
                "size": path.stat().st_size,
            }
            for path in sorted(directory.rglob("*"))
            if path.is_file()
        },
    }
    _write_json(directory / "manifest.json", manifest)
    return directory


def _write_split(folder: Path, split: Split) -> None:
    folder.mkdir(parents=True)
    for name in ("images", "labels", "caption_offsets", "embeddings"):
        np.save(folder / f"{name}.npy", getattr(split, name))
    _write_json(folder / "captions.json", split.captions)
    _write_json(folder / "names.json", [str(i) for i in range(len(split.images))])


def _write_encoder(directory: Path, text_dim: int) -> str:
    """Writes an untrained encoder and returns its id."""
    from skipthoughts import SkipThoughtEncoder
    from skipthoughts.config import EncoderConfig
    from skipthoughts.tokenizer import tokenize
    from skipthoughts.vocabulary import Vocabulary

    rare = [[f"word{i}"] for i in range(_WORDS)]
    vocabulary = Vocabulary.of([*map(tokenize, _CAPTIONS), *rare], _WORDS)
    config = EncoderConfig(dim=text_dim // 2, word_dim=min(620, text_dim))
    encoder = SkipThoughtEncoder.untrained(config, vocabulary)
    encoder.save(directory)
    return encoder.id


def write_run(workdir: Path, config: Config) -> Path:
    """Writes the directory of a run at step 0: random weights, nothing trained.

    Args:
        workdir: where to; made.
        config: of the run; its cache is there.

    Returns:
        The directory.
    """
    from foundation.checkpoints import Checkpoints
    from text_to_image.gan import GAN
    from text_to_image.runs.directory import RunDirectory
    from text_to_image.training.preparation import describe

    cache, run = Cache(config.cache_dir), RunDirectory(workdir)
    description, _ = describe(config, cache)
    run.write_description(description, cache)
    gan = GAN(config, cache.text_dim, description.steps_per_epoch)
    Checkpoints(run.checkpoints, gan.checkpoint_objects(), gan.step).save()
    return workdir


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), "utf-8")


def photographs(count: int, seed: int = 0) -> list[bytes]:
    """Returns JPEG files of about 600x500 pixels and 45 kB, as Oxford Flowers-102.

    Args:
        count: how many different ones.
        seed: of what is on them.
    """
    rng = np.random.default_rng(seed)
    files = []
    for _ in range(count):
        size = int(rng.integers(560, 680)), int(rng.integers(480, 560))
        picture = np.zeros((size[1], size[0], 3), np.float32)
        # As much contrast at every scale but the finest, as in nature.
        for cells, contrast in ((4, 60), (16, 40), (64, 20), (256, 8)):
            grid = rng.normal(size=(cells, cells, 3)) * contrast + 128
            image = Image.fromarray(np.clip(grid, 0, 255).astype(np.uint8))
            picture += np.asarray(image.resize(size, Image.Resampling.BICUBIC)) - 128.0
        pixels = np.clip(picture + 128, 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=75)
        files.append(file.getvalue())
    return files
