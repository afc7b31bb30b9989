"""Gathers batches from a split of the cache, on the device.

A batch is a pure function of (seed, step): which images, which captions, which crops
and which noise all come from stateless random numbers. Nothing has to be saved to
resume, and nothing comes from the host between steps.
"""

import numpy as np
import tensorflow as tf

from skipthoughts.errors import InputError
from skipthoughts.random_index import index_below
from text_to_image.cache import Split
from text_to_image.config import Config
from text_to_image.models.blocks import IMAGE_SIZE
from text_to_image.noise import draw_noise

# What a random number is for: each purpose has its own stream.
_PAIRS, _CAPTIONS, _REAL, _WRONG, _WRONG_CAPTIONS, _BETA = 1, 2, 3, 4, 5, 6
_Z, _GENERATOR_Z, _INTERPOLATION_Z = 100, 200, 300


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
        config: batch size, noise, seed, and what the objective needs.

    Raises:
        InputError: fewer than two classes (a mismatched pair needs two), fewer images
            than a batch, or an image without captions.
    """

    def __init__(self, split: Split, config: Config):
        _check_split(split, config.batch_size)
        self.config = config
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
            real_images, float32 `[B, 64, 64, 3]` in [-1, 1]; text_embedding, float32
            `[B, D]`, of a caption of the real image, or the mean of several; z, float32
            `[B, Z]`, for D's update. For *_cls, of another class than the real image:
            wrong_images as real_images, or wrong_text_embedding as text_embedding. For
            K alternating updates of G, generator_z `[K, B, Z]`. For *_int with P
            interpolated captions, beta `[K, P, 1]`, the share of the first of a pair,
            and interpolation_z `[K, P, Z]`.
        """
        config = self.config
        key = tf.stack([tf.cast(config.seed, tf.int32), tf.cast(step, tf.int32)])
        real, wrong = self._image_pairs(key)
        z = self._noise(_fold(key, _Z), config.batch_size)
        batch = {
            "real_images": self._augmented(real, _fold(key, _REAL)),
            "text_embedding": self._text(real, _fold(key, _CAPTIONS)),
            "z": z,
        }
        if config.matches and config.mismatch == "image":
            batch["wrong_images"] = self._augmented(wrong, _fold(key, _WRONG))
        elif config.matches:
            batch["wrong_text_embedding"] = self._text(
                wrong, _fold(key, _WRONG_CAPTIONS)
            )
        updates = config.generator_steps
        if config.update == "alternating":
            batch["generator_z"] = tf.stack(
                [
                    self._noise(_fold(key, _GENERATOR_Z + i), config.batch_size)
                    if config.fresh_noise
                    else z
                    for i in range(updates)
                ]
            )  # [K, B, Z]
        if config.interpolates:
            keys = [_fold(key, _INTERPOLATION_Z + i) for i in range(updates)]
            batch["interpolation_z"] = tf.stack(
                [self._noise(key, config.interpolations) for key in keys]
            )  # [K, P, Z]
            batch["beta"] = self._beta(_fold(key, _BETA), updates)
        return batch

    def _noise(self, key: tf.Tensor, count: int) -> tf.Tensor:
        """Draws noise `[count, Z]`."""
        return draw_noise(key, count, self.config.z_dim, self.config.noise)

    def _beta(self, key: tf.Tensor, updates: int) -> tf.Tensor:
        """Draws the share `[updates, P, 1]` of the first caption of each pair."""
        shape = (updates, self.config.interpolations, 1)
        match self.config.interpolation_beta:
            case "half":
                return tf.fill(shape, 0.5)
            case "uniform":
                return tf.random.stateless_uniform(shape, key)
            case _:
                return tf.random.stateless_uniform(shape, key, -0.5, 1.5)

    def _image_pairs(self, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Draws two different classes uniformly and an image of each: int32 `[B]`."""
        u = tf.random.stateless_uniform((4, self.config.batch_size), _fold(key, _PAIRS))
        first = index_below(self.num_classes, u[0])
        other = index_below(self.num_classes - 1, u[1])
        second = (first + 1 + other) % self.num_classes
        return self._image_of(first, u[2]), self._image_of(second, u[3])

    def _image_of(self, classes: tf.Tensor, u: tf.Tensor) -> tf.Tensor:
        start = tf.gather(self.class_offsets, classes)
        count = tf.gather(self.class_offsets, classes + 1) - start
        return tf.gather(self.by_class, start + index_below(count, u))

    def _text(self, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Draws captions of images `[B]`; returns their vectors, or means, `[B, D]`."""
        start = tf.gather(self.caption_offsets, images)[:, None]
        count = tf.gather(self.caption_offsets, images + 1)[:, None] - start
        averaged = self.config.captions_per_image
        u = tf.random.stateless_uniform((self.config.batch_size, averaged), key)
        captions = start + index_below(count, u)  # [B, N]
        vectors = tf.cast(tf.gather(self.embeddings, captions), tf.float32)  # [B, N, D]
        return average_captions(vectors)

    def _augmented(self, indices: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Gathers images, crops 76 to 64 at random, flips half of them (Sec. 5)."""
        size = self.images.shape[1]
        u = tf.random.stateless_uniform((3, self.config.batch_size), key)
        rows = index_below(size - IMAGE_SIZE + 1, u[0])[:, None] + tf.range(IMAGE_SIZE)
        columns = index_below(size - IMAGE_SIZE + 1, u[1])[:, None] + tf.range(
            IMAGE_SIZE
        )  # [B, 64]
        columns = tf.where(u[2][:, None] < 0.5, columns[:, ::-1], columns)
        images = tf.gather(self.images, indices)  # [B, 76, 76, 3]
        images = tf.gather(images, rows, batch_dims=1)  # [B, 64, 76, 3]
        images = tf.gather(images, columns, axis=2, batch_dims=1)  # [B, 64, 64, 3]
        return tf.cast(images, tf.float32) / 127.5 - 1.0


def average_captions(vectors: tf.Tensor) -> tf.Tensor:
    """Returns the mean vector of several captions of one image, as long as they are.

    A mean is shorter than what it is of, and in use there is one caption: G would be
    given longer vectors than it was trained on.

    Args:
        vectors: float32 `[B, N, D]`, of N captions.

    Returns:
        float32 `[B, D]`.
    """
    if vectors.shape[1] == 1:
        return vectors[:, 0]
    mean = tf.reduce_mean(vectors, axis=1)  # [B, D]
    norm = tf.reduce_mean(tf.norm(vectors, axis=2), axis=1, keepdims=True)  # [B, 1]
    return tf.math.divide_no_nan(norm, tf.norm(mean, axis=1, keepdims=True)) * mean


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
            f"training split has {classes} class, expected at least 2: a mismatched "
            "pair is of two classes"
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
