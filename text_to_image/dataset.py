"""Reads the cache of `data_prep` and gathers batches from it on the device.

A batch is a pure function of (seed, step): which images, which captions, which crops
and which noise all come from stateless random numbers. Nothing has to be saved to
resume, and nothing comes from the host between steps.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from skipthoughts.atomic import sha256_of
from skipthoughts.errors import InputError
from skipthoughts.random_index import index_below
from text_to_image.models.blocks import IMAGE_SIZE

SCHEMA = 1


@dataclasses.dataclass(frozen=True)
class Split:
    """One split of a cache, memory-mapped.

    Attributes:
        images: uint8 `[N, 76, 76, 3]`.
        embeddings: float16 or float32 `[C, D]`, one row a caption.
        caption_offsets: int64 `[N + 1]`; image i has the captions offsets[i]:[i + 1].
        labels: int32 `[N]`.
        captions: the C captions.
    """

    images: np.ndarray
    embeddings: np.ndarray
    caption_offsets: np.ndarray
    labels: np.ndarray
    captions: list[str]


class Cache:
    """A cache directory, opened and checked against its manifest.

    Args:
        directory: what `python -m data_prep --cache_dir=…` wrote.

    Raises:
        InputError: no cache there, a newer format, or a damaged file.
    """

    def __init__(self, directory: str | Path):
        self.directory = Path(directory)
        path = self.directory / "manifest.json"
        if not path.is_file():
            raise InputError(
                f"--cache_dir={directory}: no manifest.json there, expected a cache. "
                "Build one with: python -m data_prep --dataset=rendered_flowers "
                f"--cache_dir={directory or 'data/rendered_flowers'}"
            )
        try:
            self.manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
            schema = self.manifest["schema"]
        except (ValueError, KeyError, TypeError) as error:
            raise self._broken("manifest.json", "is not a manifest") from error
        if schema != SCHEMA:
            raise InputError(
                f"{path}: cache format {schema}, expected {SCHEMA}. "
                f"Build it again with: {self._mend()}"
            )
        self.dataset: str = self.manifest["dataset"]
        self.text_dim: int = self.manifest["embedding"]["dim"]
        self.encoder_id: str = self.manifest["embedding"]["encoder_id"]
        self.encoder_dir = self.directory / "encoder"
        self.manifest_sha256 = sha256_of(path)

    def verify(self) -> None:
        """Compares size and sha256 of every file with the manifest.

        Raises:
            InputError: a file is missing or differs.
        """
        for name, expected in self.manifest["files"].items():
            path = self.directory / name
            if not path.is_file():
                raise self._broken(name, "is missing")
            size = path.stat().st_size
            if size != expected["size"]:
                raise self._broken(
                    name, f"has {size} bytes, expected {expected['size']}"
                )
            if sha256_of(path) != expected["sha256"]:
                raise self._broken(
                    name, f"is damaged, expected sha256 {expected['sha256']}"
                )

    def split(self, name: str) -> Split:
        """Opens one split without reading it into memory."""
        folder = self.directory / name

        def array(file: str) -> np.ndarray:
            return np.load(folder / f"{file}.npy", mmap_mode="r", allow_pickle=False)

        try:
            return Split(
                images=array("images"),
                embeddings=array("embeddings"),
                caption_offsets=array("caption_offsets"),
                labels=array("labels"),
                captions=json.loads((folder / "captions.json").read_text("utf-8")),
            )
        except (OSError, ValueError) as error:
            raise self._broken(name, f"cannot be read ({error})") from error

    def _broken(self, name: str, what: str) -> InputError:
        return InputError(
            f"--cache_dir={self.directory}: {name} {what}. "
            f"Build the cache again with: {self._mend()}"
        )

    def _mend(self) -> str:
        dataset = getattr(self, "manifest", {}).get("dataset", "rendered_flowers")
        return (
            f"python -m data_prep --dataset={dataset} --cache_dir={self.directory} "
            "--overwrite"
        )


def text_statistics(split: Split, norm: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns what maps caption vectors to mean 0, equal variances and a given norm.

    The scale of the text decides between two failures: small vectors bind late, large
    ones drown the noise (`text_norm` of the configuration).

    Args:
        split: the training split.
        norm: root mean square norm of the result; 0 leaves vectors as they are.

    Returns:
        offset and scale, float32 `[D]`: a vector v becomes (v - offset) * scale.
    """
    dim = split.embeddings.shape[1]
    if norm == 0:
        return np.zeros(dim, np.float32), np.ones(dim, np.float32)
    total, squares = np.zeros(dim), np.zeros(dim)
    for start in range(0, len(split.embeddings), 8192):
        rows = np.asarray(split.embeddings[start : start + 8192], np.float64)
        total += rows.sum(0)
        squares += np.square(rows).sum(0)
    mean = total / len(split.embeddings)
    deviation = np.sqrt(squares / len(split.embeddings) - np.square(mean))
    # A direction that hardly varies carries no text: do not blow up its rounding.
    deviation = np.maximum(deviation, 0.01 * deviation.max())
    scale = norm / (deviation * np.sqrt(dim))
    return mean.astype(np.float32), scale.astype(np.float32)


class DeviceDataset:
    """A split on the device, from which compiled code gathers batches.

    Args:
        split: the split to put on the device.
        batch_size: pairs in a batch.
        z_dim: dimensions of the noise.
        noise: "normal" or "uniform".
        seed: decides, with the step, everything that is random.

    Raises:
        InputError: fewer than two classes (a wrong image must be of another class),
            fewer images than a batch, or an image without captions.
    """

    def __init__(
        self, split: Split, batch_size: int, z_dim: int, noise: str, seed: int
    ):
        _check_split(split, batch_size)
        self.batch_size = batch_size
        self.z_dim = z_dim
        self.noise = noise
        self.seed = seed
        labels = np.asarray(split.labels)
        _, counts = np.unique(labels, return_counts=True)
        self.num_classes = len(counts)
        self.images = tf.constant(split.images)
        self.embeddings = tf.constant(split.embeddings)
        self.caption_offsets = tf.constant(split.caption_offsets, tf.int32)
        # Images of class c, in the order of labels, are
        # by_class[class_offsets[c]:class_offsets[c + 1]].
        self.by_class = tf.constant(np.argsort(labels, kind="stable"), tf.int32)
        self.class_offsets = tf.constant(np.append(0, np.cumsum(counts)), tf.int32)

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Gathers the batch of a step; runs inside compiled code.

        Args:
            step: int scalar.

        Returns:
            real_images and wrong_images, float32 `[B, 64, 64, 3]` in [-1, 1], of two
            different classes; text_embedding, float32 `[B, D]`, of one caption of the
            real image; z, float32 `[B, z_dim]`, for the discriminator's update.
        """
        key = self._key(step)
        real, wrong = self._image_pairs(key)
        captions = self._captions(real, key)
        return {
            "real_images": self._augmented(real, _fold(key, 3)),
            "wrong_images": self._augmented(wrong, _fold(key, 4)),
            "text_embedding": tf.cast(tf.gather(self.embeddings, captions), tf.float32),
            "z": self.sample_z(step, 0),
        }

    def sample_z(self, step: tf.Tensor, index: int) -> tf.Tensor:
        """Draws the noise `[B, z_dim]` of the `index`-th update within a step."""
        key = _fold(self._key(step), 100 + index)
        shape = (self.batch_size, self.z_dim)
        if self.noise == "uniform":
            return tf.random.stateless_uniform(shape, key, -1.0, 1.0)
        return tf.random.stateless_normal(shape, key)

    def _key(self, step: tf.Tensor) -> tf.Tensor:
        """Returns the key, int32 `[2]`, that all random numbers of a step come from."""
        return tf.stack([tf.cast(self.seed, tf.int32), tf.cast(step, tf.int32)])

    def _image_pairs(self, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Draws two different classes uniformly and an image of each: int32 `[B]`."""
        u = tf.random.stateless_uniform((4, self.batch_size), _fold(key, 1))
        first = index_below(self.num_classes, u[0])
        other = index_below(self.num_classes - 1, u[1])
        second = (first + 1 + other) % self.num_classes
        return self._image_of(first, u[2]), self._image_of(second, u[3])

    def _image_of(self, classes: tf.Tensor, u: tf.Tensor) -> tf.Tensor:
        start = tf.gather(self.class_offsets, classes)
        count = tf.gather(self.class_offsets, classes + 1) - start
        return tf.gather(self.by_class, start + index_below(count, u))

    def _captions(self, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        start = tf.gather(self.caption_offsets, images)
        count = tf.gather(self.caption_offsets, images + 1) - start
        u = tf.random.stateless_uniform((self.batch_size,), _fold(key, 2))
        return start + index_below(count, u)

    def _augmented(self, indices: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Gathers images, crops 76 to 64 at random, flips half of them (Sec. 5)."""
        size = self.images.shape[1]
        u = tf.random.stateless_uniform((3, self.batch_size), key)
        rows = index_below(size - IMAGE_SIZE + 1, u[0])[:, None] + tf.range(IMAGE_SIZE)
        columns = index_below(size - IMAGE_SIZE + 1, u[1])[:, None] + tf.range(
            IMAGE_SIZE
        )  # [B, 64]
        columns = tf.where(u[2][:, None] < 0.5, columns[:, ::-1], columns)
        images = tf.gather(self.images, indices)  # [B, 76, 76, 3]
        images = tf.gather(images, rows, batch_dims=1)  # [B, 64, 76, 3]
        images = tf.gather(images, columns, axis=2, batch_dims=1)  # [B, 64, 64, 3]
        return tf.cast(images, tf.float32) / 127.5 - 1.0


def center_crop(images: np.ndarray) -> np.ndarray:
    """Returns the central `[N, 64, 64, 3]` of images `[N, 76, 76, 3]`."""
    margin = (images.shape[1] - IMAGE_SIZE) // 2
    inner = slice(margin, margin + IMAGE_SIZE)
    return images[:, inner, inner]


def _fold(key: tf.Tensor, data: int) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(key, data)


def _check_split(split: Split, batch_size: int) -> None:
    classes = len(np.unique(split.labels))
    if classes < 2:
        raise InputError(
            f"training split has {classes} class, expected at least 2: a wrong image "
            "is one of another class"
        )
    if len(split.images) < batch_size:
        raise InputError(
            f"--batch_size={batch_size}: more than the {len(split.images)} training "
            "images; expected at most as many"
        )
    bare = np.flatnonzero(np.diff(split.caption_offsets) < 1)
    if len(bare):
        raise InputError(
            f"training image {bare[0]} has no captions, expected at least one"
        )
