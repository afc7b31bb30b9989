"""Draws batches: a batch is a pure function of (seed, step).

Which images, which captions, which crops and which noise all come from stateless random
numbers. Nothing has to be saved to resume. No pixel and no vector is held here: a data
set reads the rows that are drawn, from the device or from the disk, and gives them
back to be made a batch of.
"""

import numpy as np
import tensorflow as tf

from foundation.errors import InputError
from foundation.random_index import index_below
from text_to_image.config import Config
from text_to_image.data.cache import Split
from text_to_image.data.crops import random_crop
from text_to_image.data.noise import draw_noise
from text_to_image.data.share import Share

# What a random number is for: each purpose has its own stream.
_PAIRS, _CAPTIONS, _REAL, _WRONG, _WRONG_CAPTIONS, _BETA = 1, 2, 3, 4, 5, 6
_Z, _GENERATOR_Z, _INTERPOLATION_Z = 100, 200, 300

Rows = dict[str, dict[str, tf.Tensor]]


class Batches:
    """The batches of a split, without the data.

    Args:
        split: whose classes and numbers of captions are read.
        config: batch size, noise, seed, and what the objective needs.

    Raises:
        InputError: what `check_split` finds.
    """

    def __init__(self, split: Split, config: Config):
        check_split(split, config.batch_size)
        self.config = config
        labels = np.asarray(split.labels)
        _, counts = np.unique(labels, return_counts=True)
        self.num_classes = len(counts)
        self.caption_offsets = tf.constant(split.caption_offsets, tf.int32)
        # Images of class c, in the order of labels, are
        # by_class[class_offsets[c]:class_offsets[c + 1]].
        self.by_class = tf.constant(np.argsort(labels, kind="stable"), tf.int32)
        self.class_offsets = tf.constant(np.append(0, np.cumsum(counts)), tf.int32)

    def rows(self, step: tf.Tensor, share: Share) -> Rows:
        """Draws which rows of the split's arrays a batch is made of.

        Args:
            step: int scalar.
            share: which part of the batch is wanted; B and P below are of it.

        Returns:
            By array of the split, then by name in the batch, int32: of `images`,
            real_images `[B]`; of `embeddings`, text_embedding `[B, N]`, N captions of
            each real image. For *_cls, of another class than the real image,
            wrong_images or wrong_text_embedding likewise. For *_int, first_embedding
            and second_embedding `[P, N]`: pairs of captions of the whole batch.
        """
        key, config = self._key(step), self.config
        real, wrong = self._image_pairs(key)
        images = {"real_images": real}
        captions = {"text_embedding": self._captions(real, _fold(key, _CAPTIONS))}
        if config.matches and config.mismatch == "image":
            images["wrong_images"] = wrong
        elif config.matches:
            key = _fold(key, _WRONG_CAPTIONS)
            captions["wrong_text_embedding"] = self._captions(wrong, key)
        if config.interpolates:
            # The texts of a batch are drawn independently of each other, so any pairing
            # goes across images and classes.
            first = captions["text_embedding"][: config.interpolations]  # [P, N]
            shift = 1 if config.interpolations == config.batch_size else len(first)
            second = tf.roll(captions["text_embedding"], -shift, axis=0)
            captions["first_embedding"] = first
            captions["second_embedding"] = second[: config.interpolations]  # [P, N]
        return {
            array: {name: share.of(numbers) for name, numbers in drawn.items()}
            for array, drawn in (("images", images), ("embeddings", captions))
        }

    def assemble(
        self, step: tf.Tensor, read: Rows, share: Share
    ) -> dict[str, tf.Tensor]:
        """Makes the batch of a step of what was read; runs inside compiled code.

        Args:
            step: int scalar.
            read: what stands in `rows(step, share)` of the split's arrays: images uint8
                `[B, 76, 76, 3]`, vectors float16 or float32 `[B, N, D]`.
            share: which part of the batch is wanted; B and P below are of it.

        Returns:
            real_images, float32 `[B, 64, 64, 3]` in [-1, 1]; text_embedding, float32
            `[B, D]`, of a caption of the real image, or the mean of several; z, float32
            `[B, Z]`, for D's update. For *_cls, of another class than the real image:
            wrong_images as real_images, or wrong_text_embedding as text_embedding. For
            K alternating updates of G, generator_z `[K, B, Z]`. For *_int with P
            interpolated captions, first_embedding and second_embedding `[P, D]`, the
            captions of each pair, beta `[K, P, 1]`, the weight of the first, and
            interpolation_z `[K, P, Z]`.
        """
        key, config = self._key(step), self.config
        purposes = {"real_images": _REAL, "wrong_images": _WRONG}

        def noise(purpose: int, count: int) -> tf.Tensor:
            z = draw_noise(_fold(key, purpose), count, config.z_dim, config.noise)
            return share.of(z)

        batch = {"z": noise(_Z, config.batch_size)}
        for name, images in read["images"].items():
            u = tf.random.stateless_uniform(
                (3, config.batch_size), _fold(key, purposes[name])
            )
            batch[name] = random_crop(images, share.of(u, axis=1))
        for name, vectors in read["embeddings"].items():
            batch[name] = average_captions(tf.cast(vectors, tf.float32))
        updates = range(config.generator_steps)
        if config.update == "alternating":
            batch["generator_z"] = tf.stack(
                [
                    noise(_GENERATOR_Z + i, config.batch_size)
                    if config.fresh_noise
                    else batch["z"]
                    for i in updates
                ]
            )  # [K, B, Z]
        if config.interpolates:
            batch["interpolation_z"] = tf.stack(
                [noise(_INTERPOLATION_Z + i, config.interpolations) for i in updates]
            )  # [K, P, Z]
            batch["beta"] = share.of(self._beta(_fold(key, _BETA)), axis=1)
        return batch

    def _key(self, step: tf.Tensor) -> tf.Tensor:
        return tf.stack([tf.cast(self.config.seed, tf.int32), tf.cast(step, tf.int32)])

    def _beta(self, key: tf.Tensor) -> tf.Tensor:
        """Draws the share `[K, P, 1]` of the first caption of each pair."""
        config = self.config
        shape = (config.generator_steps, config.interpolations, 1)
        if config.interpolation_beta == "half":
            return tf.fill(shape, 0.5)
        low, high = (
            (0.0, 1.0) if config.interpolation_beta == "uniform" else (-0.5, 1.5)
        )
        return tf.random.stateless_uniform(shape, key, low, high)

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

    def _captions(self, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Draws captions `[B, N]` of images `[B]`, with replacement."""
        start = tf.gather(self.caption_offsets, images)[:, None]
        count = tf.gather(self.caption_offsets, images + 1)[:, None] - start
        averaged = self.config.captions_per_image
        u = tf.random.stateless_uniform((self.config.batch_size, averaged), key)
        return start + index_below(count, u)  # [B, N]


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


def _fold(key: tf.Tensor, data: int) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(key, data)


def check_split(split: Split, batch_size: int) -> None:
    """Checks that batches can be drawn from a split.

    Raises:
        InputError: fewer than two classes (a mismatched pair needs two), fewer images
            than a batch, or an image without captions.
    """
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
