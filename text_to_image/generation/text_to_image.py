"""Captions and seeds to images, from a run directory or a released model alone."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from foundation.errors import InputError
from skipthoughts.sentence_check import sentences_of
from text_to_image.data.noise import draw_noise
from text_to_image.generation.fixed_batches import BATCH, in_fixed_batches
from text_to_image.generation.seeds import checked_seeds
from text_to_image.models import Generator
from text_to_image.models.text_scaling import TextScaling
from text_to_image.runs.parts import ModelParts
from text_to_image.runs.pretrained import pretrained_path
from text_to_image.runs.released import is_released_model, read_released_model
from text_to_image.runs.trained import read_trained_run


def noise_of_seeds(seeds: Sequence[int], z_dim: int, noise: str) -> np.ndarray:
    """Returns the noise of each seed, whatever other seeds are asked for.

    Args:
        seeds: whole numbers from 0.
        z_dim: dimensions.
        noise: "normal" or "uniform".

    Returns:
        float32 `[seeds, z_dim]`.
    """

    def one(seed: int) -> np.ndarray:
        key = (seed % 2**31, seed // 2**31)
        return draw_noise(key, 1, z_dim, noise).numpy()

    return np.concatenate([one(seed) for seed in seeds])


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps images in [-1, 1] to uint8 0-255, any shape.

    Raises:
        InputError: a value is not finite: the weights are spoilt.
    """
    if not np.isfinite(images).all():
        raise InputError(
            "the generator gave values that are not finite: its weights are spoilt; "
            "train again, or with a lower --learning_rate"
        )
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


class ImageMaker:
    """Applies a generator in batches of one size.

    Args:
        generator: in [-1, 1], `[B, 64, 64, 3]`.
        text_scaling: maps the encoder's vectors to what the generator takes.
    """

    def __init__(self, generator: Generator, text_scaling: TextScaling):
        self._z_dim = generator.z_dim
        self._text_dim = generator.text_dim

        @tf.function(
            input_signature=[
                tf.TensorSpec((BATCH, self._z_dim), tf.float32),
                tf.TensorSpec((BATCH, self._text_dim), tf.float32),
            ],
            autograph=False,  # nothing to convert
        )
        def make(z: tf.Tensor, text_embedding: tf.Tensor) -> tf.Tensor:
            return generator(z, text_scaling(text_embedding), training=False)

        self._make = make

    def __call__(self, z: np.ndarray, text_embedding: np.ndarray) -> np.ndarray:
        """Makes one image of each pair.

        Args:
            z: float32 `[N, z_dim]`.
            text_embedding: float32 `[N, D]`, as the encoder gives it.

        Returns:
            uint8 `[N, 64, 64, 3]`.
        """
        return in_fixed_batches(
            lambda *rows: to_uint8(self._make(*rows).numpy()),
            z.astype(np.float32),
            text_embedding.astype(np.float32),
        )


class TextToImage:
    """A trained model: sentences in, images out.

    Example:
        >>> model = TextToImage.load("runs/quickstart")
        >>> images = model.generate(["this flower is red"], seeds=range(8))
        >>> images.shape
        (1, 8, 64, 64, 3)

    Args:
        parts: of a run or a released model; each is an attribute here, too.
    """

    def __init__(self, parts: ModelParts):
        self.description = parts.description
        self.encoder = parts.encoder
        self.generator = parts.generator
        self.text_scaling = parts.text_scaling
        self.step = parts.step
        self.score = parts.score
        self.ema_decay = parts.ema_decay
        self._make_images = ImageMaker(parts.generator, parts.text_scaling)

    @classmethod
    def load(
        cls, path: str | Path = "", checkpoint: str = "", ema: bool = True
    ) -> "TextToImage":
        """Loads a trained run or a released model.

        Args:
            path: the run directory that `train.py` wrote, or the directory that
                `generate.py export` wrote; empty: the model that comes with the
                package.
            checkpoint: of a run: "best", "latest", a step or the path of a checkpoint;
                empty: the best where one was kept, otherwise the latest.
            ema: of a run: take the moving average of G where it has one, else G itself.

        Raises:
            InputError: neither is there, no such checkpoint, one of another
                architecture, another encoder than the run was trained with, or a file
                of a released model is damaged.
        """
        path = path or pretrained_path()
        if is_released_model(path):
            return cls(read_released_model(path, checkpoint, ema))
        return cls(read_trained_run(path, checkpoint, ema))

    @property
    def checkpoint(self) -> str:
        """Names the checkpoint in a line for a reader."""
        if self.score is None:
            return f"step {self.step}"
        return f"step {self.step}, best by {self.score.metric} {self.score.value:.4g}"

    def generate(
        self, captions: str | Sequence[str], seeds: int | Sequence[int] = range(8)
    ) -> np.ndarray:
        """Makes an image of each caption with each seed.

        A caption and a seed always give the same image, whatever else is in the call.

        Args:
            captions: sentences; a single `str` is one sentence.
            seeds: whole numbers from 0, or one; each names one noise vector z.

        Returns:
            uint8 `[captions, seeds, 64, 64, 3]`.

        Raises:
            InputError: no captions or seeds, a caption that is no sentence, or a seed
                that is no whole number from 0.
        """
        captions, seeds = sentences_of(captions), checked_seeds(seeds)
        if not captions:
            raise InputError(
                'no captions, expected at least one, as "this flower is red"'
            )
        images = self.generate_from(
            np.tile(self.noise(seeds), (len(captions), 1)),
            np.repeat(self.embed(captions), len(seeds), axis=0),
        )
        return images.reshape(len(captions), len(seeds), *images.shape[1:])

    def generate_unconditional(
        self, seeds: int | Sequence[int] = range(8)
    ) -> np.ndarray:
        """Makes an image with each seed by a run that reads no captions.

        Args:
            seeds: whole numbers from 0, or one; each names one noise vector z.

        Returns:
            uint8 `[seeds, 64, 64, 3]`.

        Raises:
            InputError: no seeds, one that is no whole number from 0, or a run that
                reads captions.
        """
        seeds = checked_seeds(seeds)
        if self.description.config.conditional:
            raise InputError(
                "the run reads captions, expected one trained with --noconditional; "
                'name a caption: --caption="this flower is red"'
            )
        return self.generate_from(self.noise(seeds), self.no_text(len(seeds)))

    def no_text(self, rows: int) -> np.ndarray:
        """Returns the text of a run without captions: zeros `[rows, D]`."""
        return np.zeros((rows, self.description.text_dim), np.float32)

    def embed(self, captions: str | Sequence[str]) -> np.ndarray:
        """Returns the vectors phi(t), float32 `[captions, D]`, of sentences.

        Raises:
            InputError: a caption that is no sentence.
        """
        sentences = sentences_of(captions)
        return np.stack([self.encoder.encode_one(sentence) for sentence in sentences])

    def noise(self, seeds: Sequence[int]) -> np.ndarray:
        """Returns the noise z, float32 `[seeds, Z]`, that seeds name."""
        config = self.description.config
        return noise_of_seeds(seeds, config.z_dim, config.noise)

    def generate_from(self, z: np.ndarray, text_embedding: np.ndarray) -> np.ndarray:
        """Makes one image of each pair of `z` `[N, Z]` and vector `[N, D]`.

        Returns:
            uint8 `[N, 64, 64, 3]`.
        """
        return self._make_images(z, text_embedding)
