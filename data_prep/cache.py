"""Writes the cache that `text_to_image` reads; README.md here has its format."""

import dataclasses
import itertools
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_prep.embeddings import mean_norm, write_embeddings
from data_prep.examples import (
    example_files,
    read_caption_offsets,
    read_captions,
    write_examples,
)
from data_prep.images import SIZE
from data_prep.preview import draw_preview
from data_prep.workspace import MANIFEST, Workspace
from foundation.boundary import load_json, refusing
from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder
from skipthoughts.config import TrainingConfig
from skipthoughts.training.skip_thoughts import train

SCHEMA = 1
SPLITS = ("train", "validation", "test")
_ENTRIES = {*SPLITS, "encoder", "preview.png", MANIFEST}


@dataclasses.dataclass(frozen=True)
class CacheOptions:
    """What decides the content of a cache next to its data set.

    Attributes:
        encoder: a trained encoder; None trains one.
        training: how the encoder is trained if none is given.
        dtype: of the vectors, "float16" or "float32".
        max_bad_fraction: of the images that may be bad; they are left out.
    """

    encoder: SkipThoughtEncoder | None = None
    training: TrainingConfig = dataclasses.field(default_factory=TrainingConfig)
    dtype: str = "float16"
    max_bad_fraction: float = 0.0


def write_cache(
    builder: tfds.core.DatasetBuilder,
    cache_dir: Path,
    options: CacheOptions,
    overwrite: bool = False,
) -> bool:
    """Writes a cache, going on where an earlier call was killed.

    Args:
        builder: of a prepared data set with splits train, validation and test.
        cache_dir: where to.
        options: what else decides its content.
        overwrite: replace a cache that is there.

    Returns:
        False if a cache of the same content was there already.

    Raises:
        InputError: something else is there, or an image or a vector is bad.
    """
    cache_dir = cache_dir.resolve()
    request = _request(builder, options)
    if _is_there(cache_dir, request, overwrite):
        return False
    with Workspace(cache_dir, request) as workspace:
        encoder = _fill(workspace, builder, options)
        workspace.finish(_manifest(workspace.path, builder, encoder, request))
    return True


def _fill(
    workspace: Workspace, builder: tfds.core.DatasetBuilder, options: CacheOptions
) -> SkipThoughtEncoder:
    """Makes everything but the manifest and returns the encoder."""
    path = workspace.path
    for split in SPLITS:
        workspace.piece(
            [f"{split}/{file}" for file in example_files(builder)],
            partial(
                write_examples, path / split, builder, split, options.max_bad_fraction
            ),
        )
    workspace.piece(["encoder"], partial(_write_encoder, path, options))
    encoder = options.encoder or SkipThoughtEncoder.load(path / "encoder")
    for split in SPLITS:
        workspace.piece(
            [f"{split}/embeddings.npy"],
            partial(write_embeddings, path / split, encoder, options.dtype),
        )
    workspace.piece(["preview.png"], partial(draw_preview, path, SPLITS))
    return encoder


def _request(
    builder: tfds.core.DatasetBuilder, options: CacheOptions
) -> dict[str, Any]:
    """Returns what a cache is made from, to recognise one that is there."""
    encoder: Any = dataclasses.asdict(options.training)
    if options.encoder is not None:
        encoder = options.encoder.id
    return {
        "dataset": builder.name,
        "version": str(builder.version),
        "sources": dict((builder.info.metadata or {}).get("sources", {})),
        "encoder": encoder,
        "dtype": options.dtype,
        "max_bad_fraction": options.max_bad_fraction,
    }


def _is_there(cache_dir: Path, request: dict[str, Any], overwrite: bool) -> bool:
    if not cache_dir.exists():
        return False
    if not cache_dir.is_dir() or {p.name for p in cache_dir.iterdir()} - _ENTRIES:
        # Not even with --overwrite: a slip of the pen could delete anything.
        raise InputError(
            f"--cache_dir={cache_dir}: is there and not a cache; expected a new "
            "directory. Choose another one, or move that away"
        )
    if overwrite or not any(cache_dir.iterdir()):
        return False

    def told(reason: str) -> InputError:
        return InputError(
            f"--cache_dir={cache_dir}: holds a damaged cache ({MANIFEST} cannot be "
            f"read: {reason}). Replace it with --overwrite"
        )

    with refusing(told):
        found = dict(load_json(cache_dir / MANIFEST, dict)["request"])
    if found == request:
        return True
    field, old, new = _difference(found, request)
    raise InputError(
        f"--cache_dir={cache_dir}: holds a cache with {field} {old}, now {new}. "
        "Choose another directory, or replace it with --overwrite"
    )


def _difference(old: Any, new: Any, field: str = "") -> tuple[str, Any, Any]:
    """Returns the name of the first field that differs, and both its values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**new, **old}:
            if old.get(name) != new.get(name):
                inner = f"{field}.{name}".lstrip(".")
                return _difference(old.get(name), new.get(name), inner)
    return field, old, new


def _write_encoder(path: Path, options: CacheOptions) -> None:
    """Copies the encoder, or trains one on the captions of the training split only."""
    encoder = options.encoder
    if encoder is None:
        captions = read_captions(path / "train")
        offsets = read_caption_offsets(path / "train")
        groups = [captions[i:j] for i, j in itertools.pairwise(offsets)]
        encoder = train(groups, options.training)
    encoder.save(path / "encoder")


def _manifest(
    path: Path,
    builder: tfds.core.DatasetBuilder,
    encoder: SkipThoughtEncoder,
    request: dict[str, Any],
) -> dict[str, Any]:
    splits = {}
    for split in SPLITS:
        labels = np.load(path / split / "labels.npy", allow_pickle=False)
        splits[split] = {
            "images": len(labels),
            "captions": len(read_captions(path / split)),
            "classes": len(np.unique(labels)),
        }
    return {
        "schema": SCHEMA,
        "dataset": request["dataset"],
        "version": request["version"],
        "sources": request["sources"],
        "image_size": SIZE,
        "splits": splits,
        "embedding": {
            "dim": encoder.dim,
            "dtype": request["dtype"],
            "scale": round(mean_norm(path / "train"), 4),
            "encoder_id": encoder.id,
        },
        "class_names": builder.info.features["label"].names,
    }
