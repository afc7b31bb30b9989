"""The GAN of the paper as a Keras model; `train_step` reads as Algorithm 1."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from text_to_image import losses
from text_to_image.config import Config
from text_to_image.models import Discriminator, Generator

# What `train_step` returns, by TensorBoard tag.
METRICS = (
    "loss/d",
    "loss/d_real",
    "loss/d_wrong",
    "loss/d_fake",
    "loss/g",
    "score/real",
    "score/wrong",
    "score/fake",
    "grad_norm/d",
    "grad_norm/g",
)


@keras.saving.register_keras_serializable("text_to_image")
class TextScaling(keras.layers.Layer):
    """Maps caption vectors v to (v - offset) * scale; the identity by default.

    Args:
        text_dim: dimensions of the vectors.

    Call input and output: float `[B, text_dim]`.
    """

    def __init__(self, text_dim: int, **kwargs: Any):
        super().__init__(trainable=False, **kwargs)
        self.text_dim = text_dim
        self.offset = self.add_weight(shape=(text_dim,), initializer="zeros")
        self.scale = self.add_weight(shape=(text_dim,), initializer="ones")
        self.built = True

    def call(self, vectors: Any) -> Any:
        return (vectors - self.offset) * self.scale

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "text_dim": self.text_dim}


@keras.saving.register_keras_serializable("text_to_image")
class GAN(keras.Model):
    """Generator, discriminator, their optimisers, and the update of one step.

    Args:
        config: the experiment.
        text_dim: dimensions of the caption vectors.
        steps_per_epoch: iterations in a pass over the training images, for the
            schedule of the learning rate.

    Call inputs: z `[B, z_dim]` and text_embedding `[B, text_dim]`, as the encoder gives
    it. Output: images `[B, 64, 64, 3]` in [-1, 1] from the generator that pictures are
    made from: the moving average where there is one, with moving batch statistics.

    Reference: Reed et al. 2016, Algorithm 1 and Sec. 4.2.
    """

    def __init__(
        self, config: Config, text_dim: int, steps_per_epoch: int = 1, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.config = config
        self.text_dim = text_dim
        self.steps_per_epoch = steps_per_epoch
        # Seeded here, so that a run's first weights are a function of its seed alone.
        keras.utils.set_random_seed(config.seed)
        self.text_scaling = TextScaling(text_dim, dtype="float32")
        self.generator = make_generator(config, text_dim, "generator")
        self.discriminator = Discriminator(
            architecture=config.architecture,
            text_dim=text_dim,
            width=config.df,
            text_features=config.text_features,
            kernel_size=config.kernel_size,
            dtype=config.dtype,
            name="discriminator",
        )
        self.step = self.add_weight(
            shape=(), initializer="zeros", dtype="int64", trainable=False, name="step"
        )
        self.ema_generator: Generator | None = None
        if config.ema_decay > 0:
            self.ema_generator = make_generator(config, text_dim, "ema")
            self.ema_generator.trainable = False
            self.ema_generator.set_weights(self.generator.get_weights())
        self.generator_optimizer = self._make_optimizer(config.generator_steps)
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer = self._make_optimizer(1)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.built = True  # every variable is there already

    def _make_optimizer(self, updates_per_step: int) -> keras.optimizers.Adam:
        config = self.config
        learning_rate: Any = config.learning_rate
        if config.decay_epochs:
            # Halved each 100 epochs (Sec. 5).
            learning_rate = keras.optimizers.schedules.ExponentialDecay(
                config.learning_rate,
                decay_steps=config.decay_epochs
                * self.steps_per_epoch
                * updates_per_step,
                decay_rate=0.5,
                staircase=True,
            )
        return keras.optimizers.Adam(
            learning_rate, beta_1=config.beta_1, beta_2=0.999, epsilon=1e-8
        )

    def checkpoint_objects(self) -> dict[str, Any]:
        """Returns all that a resumed run needs, by name."""
        objects = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            "text_scaling": self.text_scaling,
            "step": self.step,
        }
        if self.ema_generator is not None:
            objects["ema_generator"] = self.ema_generator
        return objects

    @property
    def sampling_generator(self) -> Generator:
        """The generator that pictures are made from."""
        return self.ema_generator or self.generator

    def call(self, z: Any, text_embedding: Any) -> Any:
        return self.sampling_generator(
            z, self.text_scaling(text_embedding), training=False
        )

    def train_step(
        self, batch: dict[str, Any], sample_z: Callable[[int], Any]
    ) -> dict[str, Any]:
        """One iteration of Algorithm 1; line numbers are the paper's.

        Args:
            batch: real_images and wrong_images `[B, 64, 64, 3]` in [-1, 1] (lines 2-3,
                line 3's mismatch being the image), text_embedding `[B, D]`, z `[B, Z]`.
            sample_z: gives the fresh noise `[B, Z]` of the i-th update of G, i >= 1.

        Returns:
            Scalar float32 tensors by the tags in `METRICS`.
        """
        config = self.config
        real_images, wrong_images = batch["real_images"], batch["wrong_images"]
        # 3. h = phi(t): encoded once, before training.
        h = self.text_scaling(batch["text_embedding"])

        # 4-5. Draw noise and let G paint; D's update does not reach into G.
        fake_images = self.generator(batch["z"], h, training=True)
        with tf.GradientTape() as tape:
            # 6-8. Three passes: batch norm sees each kind of pair on its own.
            s_r = self.discriminator(real_images, h, training=True)
            s_w = self.discriminator(wrong_images, h, training=True)
            s_f = self.discriminator(fake_images, h, training=True)
            # 9. L_D.
            d_loss = losses.discriminator_loss(
                s_r, s_w, s_f, config.wrong_weight, config.fake_weight
            )
        # 10. Update D.
        d_variables = self.discriminator.trainable_variables
        d_gradients = tape.gradient(d_loss, d_variables)
        self.discriminator_optimizer.apply(d_gradients, d_variables)

        for i in range(1, config.generator_steps + 1):
            # 11. L_G, against the updated D and with fresh noise, as the Torch code.
            with tf.GradientTape() as tape:
                fake_images = self.generator(sample_z(i), h, training=True)
                g_loss = losses.generator_loss(
                    self.discriminator(fake_images, h, training=True)
                )
            # 12. Update G.
            g_variables = self.generator.trainable_variables
            g_gradients = tape.gradient(g_loss, g_variables)
            self.generator_optimizer.apply(g_gradients, g_variables)

        self.step.assign_add(1)
        self._update_ema()
        return {
            "loss/d": d_loss,
            "loss/d_real": losses.judged_real(s_r),
            "loss/d_wrong": losses.judged_fake(s_w),
            "loss/d_fake": losses.judged_fake(s_f),
            "loss/g": g_loss,
            "score/real": keras.ops.mean(keras.ops.sigmoid(s_r)),
            "score/wrong": keras.ops.mean(keras.ops.sigmoid(s_w)),
            "score/fake": keras.ops.mean(keras.ops.sigmoid(s_f)),
            "grad_norm/d": tf.linalg.global_norm(d_gradients),
            "grad_norm/g": tf.linalg.global_norm(g_gradients),
        }

    def _update_ema(self) -> None:
        """Moves the average of G, batch-norm statistics included, towards G."""
        if self.ema_generator is None:
            return
        step = tf.cast(self.step, tf.float32)
        # With warm-up: a plain average would remember the random first weights.
        decay = tf.minimum(self.config.ema_decay, (1.0 + step) / (10.0 + step))
        for average, weight in zip(
            self.ema_generator.weights, self.generator.weights, strict=True
        ):
            average.assign_sub((1.0 - decay) * (average - weight))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "config": dataclasses.asdict(self.config),
            "text_dim": self.text_dim,
            "steps_per_epoch": self.steps_per_epoch,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "GAN":
        return cls(**{**config, "config": Config.from_dict(config["config"])})

    def set_text_statistics(self, offset: np.ndarray, scale: np.ndarray) -> None:
        """Sets how caption vectors `[B, D]` are scaled; see `text_statistics`."""
        self.text_scaling.set_weights([offset, scale])


def make_generator(config: Config, text_dim: int, name: str) -> Generator:
    """Makes the generator that `config` describes, for caption vectors `[B, D]`."""
    return Generator(
        architecture=config.architecture,
        text_dim=text_dim,
        z_dim=config.z_dim,
        width=config.gf,
        text_features=config.text_features,
        kernel_size=config.kernel_size,
        dtype=config.dtype,
        name=name,
    )
