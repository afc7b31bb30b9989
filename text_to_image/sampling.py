"""Captions and seeds to pictures, from a run directory alone."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from skipthoughts import SkipThoughtEncoder
from skipthoughts.checkpoints import Checkpoints
from skipthoughts.errors import InputError
from text_to_image.fixed_batches import BATCH, in_fixed_batches
from text_to_image.gan import make_generator
from text_to_image.models import Generator
from text_to_image.noise import draw_noise
from text_to_image.run_directory import RunDescription, RunDirectory
from text_to_image.text_scaling import TextScaling


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
    """Maps pictures in [-1, 1] to uint8 0-255, any shape.

    Raises:
        InputError: a value is not finite: the weights are spoilt.
    """
    if not np.isfinite(images).all():
        raise InputError(
            "the generator gave values that are not finite: its weights are spoilt; "
            "train again, or with a lower --learning_rate"
        )
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


class PictureMaker:
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
        """Makes one picture of each pair.

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
    """A trained run: sentences in, pictures out.

    Example:
        >>> model = TextToImage.load("runs/quickstart")
        >>> images = model.generate(["this flower is red"], seeds=range(8))
        >>> images.shape
        (1, 8, 64, 64, 3)

    Args:
        description: of the run.
        encoder: the encoder that the run was trained with.
        generator: what pictures are made from.
        text_scaling: of the run.
        step: iterations that the generator was trained for.
    """

    def __init__(
        self,
        description: RunDescription,
        encoder: SkipThoughtEncoder,
        generator: Generator,
        text_scaling: TextScaling,
        step: int,
    ):
        self.description = description
        self.encoder = encoder
        self.generator = generator
        self.text_scaling = text_scaling
        self.step = step
        self._make_pictures = PictureMaker(generator, text_scaling)

    @classmethod
    def load(cls, workdir: str | Path) -> "TextToImage":
        """Loads the newest readable checkpoint of a run, and its encoder.

        Args:
            workdir: the run directory that `train.py` wrote.

        Raises:
            InputError: no run there, no checkpoint, one of another architecture, or
                another encoder than the run was trained with.
        """
        run = RunDirectory(workdir)
        description = run.read_description()
        config = description.config
        encoder = SkipThoughtEncoder.load(run.encoder)
        if encoder.id != description.encoder_id:
            raise InputError(
                f"{run.encoder}: encoder {encoder.id[:12]}, expected "
                f"{description.encoder_id[:12]}, which the run was trained with. Copy "
                "encoder/ from its cache"
            )
        generator = make_generator(config, description.text_dim, "generator")
        text_scaling = TextScaling(description.text_dim, dtype="float32")
        step = keras.Variable(0, dtype="int64", trainable=False)
        name = "ema_generator" if config.ema_decay > 0 else "generator"
        objects = {name: generator, "text_scaling": text_scaling, "step": step}
        restored = Checkpoints(run.checkpoints, objects, step).restore()
        if restored is None:
            raise InputError(
                f"--workdir={workdir}: no checkpoint there yet, expected one in "
                f"{run.checkpoints}. Train with: python train.py "
                f"--flagfile={run.flagfile} --workdir={workdir}"
            )
        return cls(description, encoder, generator, text_scaling, restored)

    def generate(self, captions: Sequence[str], seeds: Sequence[int]) -> np.ndarray:
        """Makes a picture of each caption with each seed.

        A caption and a seed always give the same picture, whatever else is in the call.

        Args:
            captions: sentences.
            seeds: whole numbers from 0; each names one noise vector z.

        Returns:
            uint8 `[captions, seeds, 64, 64, 3]`.

        Raises:
            InputError: no captions or seeds, an empty caption, or a negative seed.
        """
        captions, seeds = list(captions), list(seeds)
        if not captions or not seeds:
            raise InputError(
                f"{len(captions)} captions and {len(seeds)} seeds, expected at least "
                'one of each: --caption="this flower is red" --seeds=0-7'
            )
        if min(seeds) < 0:
            raise InputError(f"seed {min(seeds)}: expected whole numbers from 0")
        images = self.paint(
            np.tile(self.noise(seeds), (len(captions), 1)),
            np.repeat(self.embed(captions), len(seeds), axis=0),
        )
        return images.reshape(len(captions), len(seeds), *images.shape[1:])

    def generate_unconditional(self, seeds: Sequence[int]) -> np.ndarray:
        """Makes a picture with each seed by a run that reads no captions.

        Args:
            seeds: whole numbers from 0; each names one noise vector z.

        Returns:
            uint8 `[seeds, 64, 64, 3]`.

        Raises:
            InputError: no seeds, a negative one, or a run that reads captions.
        """
        seeds = list(seeds)
        if self.description.config.conditional:
            raise InputError(
                "the run reads captions, expected one trained with --noconditional; "
                'name a caption: --caption="this flower is red"'
            )
        if not seeds or min(seeds) < 0:
            raise InputError(
                f"seeds {seeds}: expected whole numbers from 0: --seeds=0-7"
            )
        return self.paint(self.noise(seeds), self.no_text(len(seeds)))

    def no_text(self, rows: int) -> np.ndarray:
        """Returns what `paint` takes of a run without captions: zeros `[rows, D]`."""
        return np.zeros((rows, self.description.text_dim), np.float32)

    def embed(self, captions: Sequence[str]) -> np.ndarray:
        """Returns the vectors phi(t), float32 `[captions, D]`, of sentences.

        Raises:
            InputError: an empty caption.
        """
        return np.stack([self.encoder.encode_one(caption) for caption in captions])

    def noise(self, seeds: Sequence[int]) -> np.ndarray:
        """Returns the noise z, float32 `[seeds, Z]`, that seeds name."""
        config = self.description.config
        return noise_of_seeds(seeds, config.z_dim, config.noise)

    def paint(self, z: np.ndarray, text_embedding: np.ndarray) -> np.ndarray:
        """Makes one picture of each pair of `z` `[N, Z]` and vector `[N, D]`.

        Returns:
            uint8 `[N, 64, 64, 3]`.
        """
        return self._make_pictures(z, text_embedding)
