"""Writes the images, captions and labels of one split of a cache, and reads them."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from tqdm import tqdm

from data_prep.images import decode
from skipthoughts.errors import InputError

_FILES = (
    "images.npy",
    "labels.npy",
    "caption_offsets.npy",
    "captions.json",
    "names.json",
    "bad_files.csv",
)


def example_files(builder: tfds.core.DatasetBuilder) -> list[str]:
    """Returns the names of the files that `write_examples` writes."""
    has_attributes = "attributes" in builder.info.features
    return [*_FILES, "attributes.json"] if has_attributes else list(_FILES)


def write_examples(
    folder: Path,
    builder: tfds.core.DatasetBuilder,
    split: str,
    max_bad_fraction: float,
) -> None:
    """Writes everything of a split but its vectors.

    Args:
        folder: where to; exists.
        builder: of a prepared data set with features image, captions, label, filename
            and perhaps attributes.
        split: "train", "validation" or "test".
        max_bad_fraction: of the images that may be bad; those are left out, and
            `bad_files.csv` lists them.

    Raises:
        InputError: more images are bad, or none is left.
    """
    kept, bad = _read_examples(builder, split)
    with open(folder / "bad_files.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("file", "reason"), *bad])
    total = len(kept) + len(bad)
    if len(bad) > max_bad_fraction * total or not kept:
        first = f", the first {bad[0][0]}: {bad[0][1]}" if bad else ""
        needed = math.ceil(1000 * len(bad) / max(total, 1)) / 1000
        mend = (
            f"go on without them by --max_bad_fraction={needed}"
            if kept
            else ("expected at least one that is not")
        )
        raise InputError(
            f"{split}: {len(bad)} of {total} images are bad{first}. All are in "
            f"{folder / 'bad_files.csv'}; {mend}"
        )
    counts = [len(example["captions"]) for example in kept]
    offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
    np.save(folder / "images.npy", np.stack([example["image"] for example in kept]))
    np.save(folder / "labels.npy", np.array([e["label"] for e in kept], np.int32))
    np.save(folder / "caption_offsets.npy", offsets)
    captions = [caption for example in kept for caption in example["captions"]]
    _write_json(folder / "captions.json", captions)
    _write_json(folder / "names.json", [example["filename"] for example in kept])
    if "attributes" in kept[0]:
        attributes = [json.loads(example["attributes"]) for example in kept]
        _write_json(folder / "attributes.json", attributes)


def read_captions(folder: Path) -> list[str]:
    """Returns the captions of one split of a cache, in the order of its vectors."""
    return json.loads((folder / "captions.json").read_text("utf-8"))


def read_caption_offsets(folder: Path) -> np.ndarray:
    """Returns int64 `[N + 1]`: image i has the captions offsets[i]:offsets[i + 1]."""
    return np.load(folder / "caption_offsets.npy", allow_pickle=False)


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
        record = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in example.items()
            if name != "image"
        }
        captions = [caption.decode() for caption in example["captions"]]
        record["captions"] = [caption for caption in captions if caption.strip()]
        try:
            if not record["captions"]:
                raise ValueError("has no captions")
            record["image"] = decode(example["image"])
        except ValueError as error:
            bad.append((record["filename"], str(error)))
        else:
            kept.append(record)
    return kept, bad


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=0), "utf-8")
