"""Writes the images, captions and labels of one split of a cache, and reads them."""

import csv
import itertools
import json
import math
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from tqdm import tqdm

from data_prep.array_file import new_array
from data_prep.images import SIZE, decode_all
from foundation.atomic import write_text
from foundation.errors import InputError

_BATCH = 32  # examples handed from TensorFlow to Python at a time

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

    Images are written as they are decoded: of a data set of any size, only captions,
    labels and names are held in memory.

    Args:
        folder: where to; exists.
        builder: of a prepared data set with features image, captions, label, filename
            and perhaps attributes.
        split: "train", "validation" or "test".
        max_bad_fraction: of the images that may be bad; those are left out, and
            `bad_files.csv` lists them.

    Raises:
        InputError: more images are bad, or none is left.
        OSError: the disk is full.
    """
    kept: list[dict[str, Any]] = []
    bad: list[tuple[str, str]] = []
    with (
        new_array(folder / "images.npy", "uint8", (SIZE, SIZE, 3)) as images,
        # At an error its threads end here, not when the garbage is collected.
        closing(_decoded(builder, split)) as decoded,
    ):
        for record, image in decoded:
            if isinstance(image, ValueError):
                bad.append((record["filename"], str(image)))
            else:
                images.append(image[np.newaxis])
                kept.append(record)
        _write_bad(folder, split, bad, len(kept), max_bad_fraction)
    counts = [len(record["captions"]) for record in kept]
    offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
    np.save(folder / "labels.npy", np.array([r["label"] for r in kept], np.int32))
    np.save(folder / "caption_offsets.npy", offsets)
    captions = [caption for record in kept for caption in record["captions"]]
    _write_json(folder / "captions.json", captions)
    _write_json(folder / "names.json", [record["filename"] for record in kept])
    if "attributes" in kept[0]:
        attributes = [json.loads(record["attributes"]) for record in kept]
        _write_json(folder / "attributes.json", attributes)


def read_captions(folder: Path) -> list[str]:
    """Returns the captions of one split of a cache, in the order of its vectors."""
    return json.loads((folder / "captions.json").read_text("utf-8"))


def read_caption_offsets(folder: Path) -> np.ndarray:
    """Returns int64 `[N + 1]`: image i has the captions offsets[i]:offsets[i + 1]."""
    return np.load(folder / "caption_offsets.npy", allow_pickle=False)


def _decoded(
    builder: tfds.core.DatasetBuilder, split: str
) -> Generator[tuple[dict[str, Any], np.ndarray | ValueError]]:
    """Yields each example and its image, or what is wrong with it, in order."""
    examples, ahead = itertools.tee(_read(builder, split))
    with closing(decode_all(example["image"] for example in ahead)) as images:
        for example, image in tqdm(
            zip(examples, images, strict=True),
            total=builder.info.splits[split].num_examples,
            desc=f"images {split}",
            unit="image",
            disable=None,
        ):
            del example["image"]
            captions = example["captions"]
            yield example, image if captions else ValueError("has no captions")


def _read(builder: tfds.core.DatasetBuilder, split: str) -> Iterator[dict[str, Any]]:
    """Yields the examples of a split with their images as files, in a fixed order."""
    dataset = builder.as_dataset(
        split=split,
        decoders={"image": tfds.decode.SkipDecoding()},
        read_config=tfds.ReadConfig(
            interleave_cycle_length=1,  # one file at a time: their order, always
            try_autocache=False,  # it would hold a split of up to 250 MB in memory
            skip_prefetch=True,  # whole batches are, below
        ),
    )
    for batch in dataset.ragged_batch(_BATCH).prefetch(2):
        columns = [
            column.to_list()
            if isinstance(column, tf.RaggedTensor)
            else column.numpy().tolist()
            for column in batch.values()
        ]
        for values in zip(*columns, strict=True):
            record = dict(zip(batch, values, strict=True))
            captions = [caption.decode() for caption in record["captions"]]
            record["captions"] = [caption for caption in captions if caption.strip()]
            for name in record.keys() & {"filename", "attributes"}:
                record[name] = record[name].decode()
            yield record


def _write_bad(
    folder: Path,
    split: str,
    bad: list[tuple[str, str]],
    kept: int,
    max_bad_fraction: float,
) -> None:
    """Lists the bad files of a split, and refuses too many of them."""
    with open(folder / "bad_files.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("file", "reason"), *bad])
    total = kept + len(bad)
    if len(bad) <= max_bad_fraction * total and kept:
        return
    first = f", the first {bad[0][0]}: {bad[0][1]}" if bad else ""
    needed = math.ceil(1000 * len(bad) / max(total, 1)) / 1000
    mend = (
        f"go on without them by --max_bad_fraction={needed}"
        if kept
        else "expected at least one that is not"
    )
    raise InputError(
        f"{split}: {len(bad)} of {total} images are bad{first}. All are in "
        f"{folder / 'bad_files.csv'}; {mend}"
    )


def _write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, ensure_ascii=False, indent=0))
