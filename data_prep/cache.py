"""Writes the cache that `text_to_image` reads; its format is in README.md here."""

import csv
import dataclasses
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from tqdm import tqdm

from data_prep.images import SIZE, decode
from data_prep.preview import draw_preview
from data_prep.workspace import Workspace
from skipthoughts import SkipThoughtEncoder
from skipthoughts.errors import InputError
from skipthoughts.training import TrainingConfig, train

SCHEMA = 1
SPLITS = ("train", "validation", "test")
_ROWS = 8192  # captions encoded at a time: memory stays flat


@dataclasses.dataclass(frozen=True)
class CacheOptions:
    """What decides the content of a cache beside its data set.

    Attributes:
        encoder: directory of a trained encoder; None trains one.
        training: how the encoder is trained if none is given.
        dtype: of the vectors, "float16" or "float32".
        max_bad_fraction: of the images that may be unreadable; they are left out.
    """

    encoder: Path | None = None
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
        overwrite: replace a cache of other content.

    Returns:
        False if the cache was there already.

    Raises:
        InputError: another cache is there, or an image or a vector is bad.
    """
    request = _request(builder, options)
    if _is_there(cache_dir, request, overwrite):
        return False
    workspace = Workspace(cache_dir, request)
    for split in SPLITS:
        _write_images(workspace, builder, split, options.max_bad_fraction)
    encoder = _write_encoder(workspace, options)
    for split in SPLITS:
        _write_embeddings(workspace, split, encoder, options.dtype)
    workspace.piece(["preview.png"], lambda: draw_preview(workspace.path, SPLITS))
    workspace.finish(_manifest(workspace.path, builder, encoder, options))
    return True


def _request(
    builder: tfds.core.DatasetBuilder, options: CacheOptions
) -> dict[str, Any]:
    """Returns what a cache is made from, to recognise one that is there."""
    if options.encoder is None:
        encoder: Any = dataclasses.asdict(options.training)
    else:
        encoder = SkipThoughtEncoder.load(options.encoder).id
    return {
        "dataset": builder.name,
        "version": str(builder.version),
        "sources": dict((builder.info.metadata or {}).get("sources", {})),
        "encoder": encoder,
        "dtype": options.dtype,
        "max_bad_fraction": options.max_bad_fraction,
    }


def _is_there(cache_dir: Path, request: dict[str, Any], overwrite: bool) -> bool:
    if overwrite or not cache_dir.exists():
        return False
    try:
        manifest = json.loads((cache_dir / "manifest.json").read_text("utf-8"))
        found = manifest["request"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        if not any(cache_dir.iterdir()):
            return False
        raise InputError(
            f"--cache_dir={cache_dir}: has files but is not a cache; expected a new "
            "directory. Choose another one, or replace it with --overwrite"
        ) from error
    if found == request:
        return True
    field = next(name for name in request if found.get(name) != request[name])
    raise InputError(
        f"--cache_dir={cache_dir}: holds a cache with {field} {found.get(field)}, now "
        f"{request[field]}. Choose another directory, or replace it with --overwrite"
    )


def _write_images(
    workspace: Workspace, builder: tfds.core.DatasetBuilder, split: str, limit: float
) -> None:
    """Writes everything of a split but its vectors."""
    files = ["images.npy", "labels.npy", "caption_offsets.npy"]
    files += ["captions.json", "names.json", "bad_files.csv"]
    if "attributes" in builder.info.features:
        files.append("attributes.json")

    def make() -> None:
        kept, bad = _read_examples(builder, split)
        folder = workspace.path / split
        with open(folder / "bad_files.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("file", "reason"), *bad])
        if len(bad) > limit * (len(kept) + len(bad)):
            name, reason = bad[0]
            raise InputError(
                f"{split}: {len(bad)} of {len(kept) + len(bad)} images are bad, the "
                f"first {name}: {reason}. All are in {folder / 'bad_files.csv'}; go on "
                "without them by --max_bad_fraction=0.01"
            )
        counts = [len(example["captions"]) for example in kept]
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        images = [example["image"] for example in kept]
        np.save(folder / "images.npy", np.stack(images))
        np.save(folder / "labels.npy", np.array([e["label"] for e in kept], np.int32))
        np.save(folder / "caption_offsets.npy", offsets)
        captions = [caption for example in kept for caption in example["captions"]]
        _write_json(folder / "captions.json", captions)
        _write_json(folder / "names.json", [example["filename"] for example in kept])
        if "attributes.json" in files:
            attributes = [json.loads(example["attributes"]) for example in kept]
            _write_json(folder / "attributes.json", attributes)

    workspace.piece([f"{split}/{file}" for file in files], make)


def _read_examples(
    builder: tfds.core.DatasetBuilder, split: str
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Reads and decodes a split: examples in order, and bad files with reasons."""
    dataset = builder.as_dataset(
        split=split,
        decoders={"image": tfds.decode.SkipDecoding()},
        # One file at a time: the order is that of the files, always.
        read_config=tfds.ReadConfig(interleave_cycle_length=1),
    )
    kept: list[dict[str, Any]] = []
    bad: list[tuple[str, str]] = []
    examples = tqdm(
        tfds.as_numpy(dataset),
        total=builder.info.splits[split].num_examples,
        desc=f"images {split}",
        unit="image",
        disable=None,
    )
    for example in examples:
        name = example["filename"].decode()
        captions = [caption.decode() for caption in example["captions"]]
        captions = [caption for caption in captions if caption.strip()]
        try:
            if not captions:
                raise ValueError("has no captions")
            image = decode(example["image"])
        except ValueError as error:
            bad.append((name, str(error)))
            continue
        record = {"filename": name, "captions": captions, "image": image}
        record["label"] = int(example["label"])
        if "attributes" in example:
            record["attributes"] = example["attributes"].decode()
        kept.append(record)
    return kept, bad


def _write_encoder(workspace: Workspace, options: CacheOptions) -> SkipThoughtEncoder:
    """Copies the encoder, or trains one on the captions of the training split."""
    directory = workspace.path / "encoder"

    def make() -> None:
        if options.encoder is not None:
            encoder = SkipThoughtEncoder.load(options.encoder)
        else:
            captions = read_captions(workspace.path / "train")
            offsets = np.load(
                workspace.path / "train/caption_offsets.npy", allow_pickle=False
            )
            groups = [
                captions[first:last] for first, last in itertools.pairwise(offsets)
            ]
            encoder = train(groups, options.training)
        encoder.save(directory)

    kind = options.training.encoder.kind
    if options.encoder is not None:
        kind = SkipThoughtEncoder.load(options.encoder).config.kind
    parts = ("uni", "bi") if kind == "combine" else (kind,)
    files = ["config.json", "vocabulary.txt", *(f"{p}.weights.h5" for p in parts)]
    workspace.piece([f"encoder/{file}" for file in files], make)
    return SkipThoughtEncoder.load(directory)


def _write_embeddings(
    workspace: Workspace, split: str, encoder: SkipThoughtEncoder, dtype: str
) -> None:
    def make() -> None:
        captions = read_captions(workspace.path / split)
        vectors = np.lib.format.open_memmap(
            workspace.path / split / "embeddings.npy",
            mode="w+",
            dtype=dtype,
            shape=(len(captions), encoder.dim),
        )
        starts = range(0, len(captions), _ROWS)
        for start in tqdm(starts, desc=f"vectors {split}", unit="block", disable=None):
            rows = encoder.encode(captions[start : start + _ROWS])
            spoilt = np.flatnonzero(~np.isfinite(rows).all(axis=1))
            if len(spoilt):
                raise InputError(
                    f"vector of {split} caption {start + spoilt[0]} is not finite: "
                    "train the encoder again"
                )
            vectors[start : start + len(rows)] = rows
        vectors.flush()

    workspace.piece([f"{split}/embeddings.npy"], make)


def _manifest(
    path: Path,
    builder: tfds.core.DatasetBuilder,
    encoder: SkipThoughtEncoder,
    options: CacheOptions,
) -> dict[str, Any]:
    splits = {}
    for split in SPLITS:
        labels = np.load(path / split / "labels.npy", allow_pickle=False)
        splits[split] = {
            "images": len(labels),
            "captions": len(read_captions(path / split)),
            "classes": len(np.unique(labels)),
        }
    vectors = np.load(path / "train/embeddings.npy", mmap_mode="r", allow_pickle=False)
    norms = np.linalg.norm(vectors[:_ROWS].astype(np.float32), axis=1)
    return {
        "schema": SCHEMA,
        "dataset": builder.name,
        "version": str(builder.version),
        "image_size": SIZE,
        "splits": splits,
        "embedding": {
            "dim": encoder.dim,
            "dtype": options.dtype,
            "scale": round(float(norms.mean()), 4),
            "encoder_id": encoder.id,
        },
        "class_names": builder.info.features["label"].names,
    }


def read_captions(folder: Path) -> list[str]:
    """Returns the captions of one split of a cache, in the order of its vectors."""
    return json.loads((folder / "captions.json").read_text("utf-8"))


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=0), "utf-8")
