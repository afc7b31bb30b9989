"""Trains the style encoder S of a finished run to invert its generator (Sec. 4.4).

A run directory in; S, its description, checkpoints and curves out, in
`WORKDIR/style_encoder/`.
"""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from foundation.keras_settings import FirstWeights
from foundation.loop import fit
from foundation.random_index import index_below
from text_to_image.data.cache import Split
from text_to_image.data.noise import draw_noise
from text_to_image.generation.fixed_batches import BATCH, in_fixed_batches
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.models import StyleEncoder
from text_to_image.models.image_size import IMAGE_SIZE
from text_to_image.runs.directory import RunDirectory
from text_to_image.runs.open_cache import open_cache
from text_to_image.style.config import StyleEncoderConfig
from text_to_image.style.directory import StyleEncoderDirectory

# What a random number is for: each purpose has its own stream.
_CAPTIONS, _Z, _HELD_OUT_Z = 1, 2, 3
_HELD_OUT_PICTURES = 1000


class StyleReader:
    """Applies a style encoder to images, in batches of one size.

    Args:
        network: S.
    """

    def __init__(self, network: StyleEncoder):
        self.network = network

        @tf.function(
            input_signature=[
                tf.TensorSpec((BATCH, IMAGE_SIZE, IMAGE_SIZE, 3), tf.uint8)
            ]
        )
        def read(images: tf.Tensor) -> tf.Tensor:
            return network(tf.cast(images, tf.float32) / 127.5 - 1.0, training=False)

        self._read = read

    def styles(self, images: np.ndarray) -> np.ndarray:
        """Returns the style s of images.

        Args:
            images: uint8 `[N, 64, 64, 3]`.

        Returns:
            float32 `[N, Z]`.
        """
        if not len(images):
            return np.zeros((0, self.network.z_dim), np.float32)
        return in_fixed_batches(lambda rows: self._read(rows).numpy(), images)


class StyleObjective:
    """L_style = E_{t, z} ||z - S(G(z, phi(t)))||^2 of a frozen generator (Sec. 4.4).

    A batch is a pure function of (seed, step), as in training the GAN.

    G is the one that images are made from, with moving averages in batch norm: S is
    to read the images that are shown, and photographs one at a time, and neither has
    a batch to be normalised by.

    Args:
        network: S.
        model: the run whose generator is inverted; it is not changed.
        split: whose captions are drawn, uniformly.
        config: batch size and seed.
    """

    def __init__(
        self,
        network: StyleEncoder,
        model: TextToImage,
        split: Split,
        config: StyleEncoderConfig,
    ):
        self.network = network
        self.model = model
        self.embeddings = tf.constant(split.embeddings)
        self.config = config

    def batch(self, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Draws noise and lets G generate.

        Returns:
            z, float32 `[B, Z]`; G(z, phi(t)), float32 `[B, 64, 64, 3]` in [-1, 1].
        """
        size, generator = self.config.batch_size, self.model.generator
        key = tf.stack([tf.constant(self.config.seed), tf.cast(step, tf.int32)])
        u = tf.random.stateless_uniform((size,), _fold(key, _CAPTIONS))
        captions = index_below(len(self.embeddings), u)
        text = tf.cast(tf.gather(self.embeddings, captions), tf.float32)  # [B, D]
        run = self.model.description.config
        z = draw_noise(_fold(key, _Z), size, run.z_dim, run.noise)  # [B, Z]
        images = generator(z, self.model.text_scaling(text), training=False)
        return z, tf.stop_gradient(images)  # frozen: nothing is kept to train G with

    def __call__(self, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the losses `[B]` of a step, and the number of images."""
        z, images = self.batch(step)
        s = self.network(images, training=True)
        losses = tf.reduce_sum(tf.square(z - s), axis=1)
        return losses, tf.constant(self.config.batch_size, tf.float32)


def fit_style_encoder(
    model: TextToImage,
    split: Split,
    config: StyleEncoderConfig,
    folder: Path | None = None,
) -> StyleReader:
    """Trains S for `model`, beginning where an earlier call was killed.

    Args:
        model: the run; it is not changed.
        split: whose captions are generated.
        config: how S is trained.
        folder: for checkpoints and TensorBoard; None keeps nothing.

    Raises:
        InputError: a loss that is not finite.
    """
    run = model.description.config
    with FirstWeights(config.seed):
        network = StyleEncoder(
            architecture=run.architecture,
            z_dim=run.z_dim,
            width=run.df,
            kernel_size=run.kernel_size,
            dtype=run.dtype,
            name="style",
        )
    objective = StyleObjective(network, model, split, config)
    fit(network, objective, config, "images", folder)
    return StyleReader(network)


def inversion_error(
    model: TextToImage, style_encoder: StyleReader, split: Split, count: int, seed: int
) -> dict[str, Any]:
    """Measures how well S tells the noise of images that it was not trained on.

    Args:
        model: the run whose generator generates.
        style_encoder: of that run.
        split: whose captions are generated, each drawn uniformly: the test split.
        count: images.
        seed: which captions and which noise; another stream than that of training.

    Returns:
        `r2`, 1 - sum ||z - S||^2 / sum ||z - mean z||^2: 1 where S inverts G, 0 where
        it gives the mean of z for every image; `mse` of a dimension; `mse_of_mean`,
        that of the mean of z instead of S; `n`, images; `seed`.
    """
    key = _fold(tf.constant([seed, 0]), _HELD_OUT_Z)
    run = model.description.config
    z = draw_noise(key, count, run.z_dim, run.noise).numpy()
    captions = np.random.default_rng(seed).integers(0, len(split.embeddings), count)
    squares = 0.0
    for start in tqdm(range(0, count, BATCH), "inverting", unit="batch", disable=None):
        rows = slice(start, start + BATCH)
        text = np.asarray(split.embeddings[captions[rows]], np.float32)
        s = style_encoder.styles(model.generate_from(z[rows], text))
        squares += float(np.square(z[rows] - s, dtype=np.float64).sum())
    around_mean = float(np.square(z - z.mean(0), dtype=np.float64).sum())
    return {
        "r2": 1 - squares / around_mean,
        "mse": squares / z.size,
        "mse_of_mean": around_mean / z.size,
        "n": count,
        "seed": seed,
    }


def train_style_encoder(
    workdir: str | Path, config: StyleEncoderConfig, cache_dir: str = ""
) -> dict[str, Any]:
    """Trains S for a run, writes it to `WORKDIR/style_encoder/`, and measures it.

    A killed call is resumed. An S of an older step of the run is replaced.

    Args:
        workdir: the run directory that `train.py` wrote.
        config: how S is trained.
        cache_dir: the cache that the run was trained on; empty takes the path that the
            run knows.

    Returns:
        What was appended to the run's metrics.jsonl: `step` of the generator and
        `inversion_error` on the test split.

    Raises:
        InputError: no run there, another process trains there, another cache, an S of
            another configuration, or a loss that is not finite.
    """
    run = RunDirectory(workdir)
    run.read_description()  # before `lock`, which would make a directory
    with run.lock():
        model = TextToImage.load(workdir)
        cache = open_cache(run.path, model.description, cache_dir)
        cache.verify()
        directory = StyleEncoderDirectory(workdir)
        directory.begin(model, dataclasses.asdict(config))
        split = cache.joined(model.description.config.training_splits)
        reader = fit_style_encoder(model, split, config, directory.path)
        directory.save(reader.network)
        test = cache.split("test")
        error = inversion_error(model, reader, test, _HELD_OUT_PICTURES, config.seed)
        record = {
            "metric": "style_inversion",
            "step": model.step,
            "dataset": cache.dataset,
            "split": "test",
            "style_encoder_steps": config.steps,
            **error,
        }
        run.append_figures([record])
    return record


def load_style_encoder(workdir: str | Path, model: TextToImage) -> StyleReader:
    """Loads the style encoder of a run.

    Args:
        workdir: the run directory.
        model: what `TextToImage.load(workdir)` gives.

    Raises:
        InputError: S is missing, was not trained to its end, inverts another step of
            the generator, or cannot be read.
    """
    return StyleReader(StyleEncoderDirectory(workdir).load(model))


def _fold(key: tf.Tensor, purpose: int) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(key, purpose)
