"""The GAN of the paper as a Keras model; `train_step` reads as Algorithm 1."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from foundation.keras_settings import FirstWeights, building
from text_to_image import losses
from text_to_image.config import Config
from text_to_image.models import Discriminator, Generator
from text_to_image.models.batch_norm import synchronize
from text_to_image.models.text_scaling import TextScaling
from text_to_image.optimization.fused_adam import make_adam
from text_to_image.optimization.loss_scale import LossScale
from text_to_image.optimization.moving_average import move_average, share_statistics
from text_to_image.optimization.replicas import assign_add
from text_to_image.optimization.updates import apply_gradients, gradients_of


@keras.saving.register_keras_serializable("text_to_image")
class GAN(keras.Model):
    """Generator, discriminator, their optimisers, and the update of one step.

    Args:
        config: the experiment.
        text_dim: dimensions of the caption vectors.
        steps_per_epoch: iterations in a pass over the training images, for the
            schedule of the learning rate.

    Call inputs: z `[B, z_dim]` and text_embedding `[B, text_dim]`, as the encoder gives
    it. Output: images `[B, 64, 64, 3]` in [-1, 1] from the generator that images are
    made from: the moving average where there is one, with moving batch statistics.

    Reference: Reed et al. 2016, Algorithm 1 and Sec. 4.2.
    """

    def __init__(
        self, config: Config, text_dim: int, steps_per_epoch: int = 1, **kwargs: Any
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.config = config
        self.text_dim = text_dim
        self.steps_per_epoch = steps_per_epoch
        # Seeded here, so that a run's first weights are a function of its seed alone.
        with FirstWeights(config.seed):
            self.text_scaling = TextScaling(text_dim, dtype="float32")
            self.generator = make_generator(config, text_dim, "generator")
            self.discriminator = Discriminator(
                architecture=config.architecture,
                text_dim=text_dim,
                width=config.df,
                text_features=config.text_features,
                kernel_size=config.kernel_size,
                conditional=config.conditional,
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
        if config.sync_batch_norm:
            synchronize(self.generator)
            synchronize(self.discriminator)
        self.generator_optimizer = make_adam(
            config, steps_per_epoch * config.generator_steps
        )
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer = make_adam(config, steps_per_epoch)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.generator_scale: LossScale | None = None
        self.discriminator_scale: LossScale | None = None
        if config.mixed_precision == "float16":
            self.generator_scale = LossScale(name="generator_scale")
            self.discriminator_scale = LossScale(name="discriminator_scale")
        self.built = True  # every variable is there already

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
        if self.generator_scale is not None:
            objects["generator_scale"] = self.generator_scale
            objects["discriminator_scale"] = self.discriminator_scale
        return objects

    @property
    def sampling_generator(self) -> Generator:
        """The generator that images are made from."""
        return self.ema_generator or self.generator

    def call(self, z: Any, text_embedding: Any) -> Any:
        return self.sampling_generator(
            z, self.text_scaling(text_embedding), training=False
        )

    def train_step(self, batch: dict[str, Any]) -> dict[str, Any]:
        """One iteration of Algorithm 1; line numbers are the paper's.

        Args:
            batch: what `Batches.assemble` gives for this configuration.

        Returns:
            Scalar float32 tensors by TensorBoard tag.
        """
        config = self.config
        generator, discriminator = self.generator, self.discriminator
        simultaneous = config.update == "simultaneous"
        # 3. h = phi(t): encoded once, before training.
        h = self.text_scaling(batch["text_embedding"])
        with tf.GradientTape(persistent=True) as tape:
            # 5-6. Draw noise and let G generate.
            fake_images = generator(batch["z"], h, training=True)
            # 7-9. Judge: batch norm sees each kind of image on its own.
            seen = discriminator.look(batch["real_images"], training=True)
            s_r = discriminator.judge(seen, h, training=True)
            s_w = self._judge_mismatched(batch, seen, h)
            s_f = discriminator(fake_images, h, training=True)
            # 10. L_D.
            d_loss = self._discriminator_loss(s_r, s_w, s_f)
            if simultaneous:
                # 12. L_G, from the same pass.
                s_i = self._judge_interpolated(batch, 0)
                g_loss = self._generator_loss(s_f, s_i)
        d_scale, g_scale = self.discriminator_scale, self.generator_scale
        d_gradients = gradients_of(tape, d_loss, discriminator, d_scale)
        if simultaneous:
            g_gradients = gradients_of(tape, g_loss, generator, g_scale)
        # 11. Update D.
        d_norm = apply_gradients(
            self.discriminator_optimizer, d_gradients, discriminator, d_scale
        )
        for i in range(config.generator_steps):
            if not simultaneous:
                with tf.GradientTape() as tape:
                    # 12. L_G, against the updated D.
                    g_loss = self._generator_loss(*self._judge_fakes(batch, i, h))
                g_gradients = gradients_of(tape, g_loss, generator, g_scale)
            # 13. Update G.
            g_norm = apply_gradients(
                self.generator_optimizer, g_gradients, generator, g_scale
            )

        assign_add(self.step, 1)
        share_statistics([generator, discriminator])
        if self.ema_generator is not None:
            move_average(self.ema_generator, generator, config.ema_decay, self.step)
        return {
            "loss/d": d_loss,
            "loss/g": g_loss,
            "grad_norm/d": d_norm,
            "grad_norm/g": g_norm,
            **self._judgements(s_r, s_w, s_f),
        }

    @property
    def metric_tags(self) -> tuple[str, ...]:
        """What `train_step` returns, by TensorBoard tag."""
        always = (
            *("loss/d", "loss/g", "loss/d_real", "loss/d_fake"),
            *("score/real", "score/fake", "grad_norm/d", "grad_norm/g"),
        )
        wrong = ("loss/d_wrong", "score/wrong") if self.config.matches else ()
        float16 = self.config.mixed_precision == "float16"
        scales = ("loss_scale/d", "loss_scale/g") if float16 else ()
        return (*always, *wrong, *scales)

    def _judgements(self, s_r: Any, s_w: Any, s_f: Any) -> dict[str, Any]:
        """Returns what the logits of each kind of pair, `[B]`, say of D."""
        values = {
            "loss/d_real": losses.judged_real(s_r),
            "loss/d_fake": losses.judged_fake(s_f),
            "score/real": ops.mean(ops.sigmoid(s_r)),
            "score/fake": ops.mean(ops.sigmoid(s_f)),
        }
        if s_w is not None:
            values["loss/d_wrong"] = losses.judged_fake(s_w)
            values["score/wrong"] = ops.mean(ops.sigmoid(s_w))
        if self.discriminator_scale is not None and self.generator_scale is not None:
            values["loss_scale/d"] = tf.identity(self.discriminator_scale.scale.value)
            values["loss_scale/g"] = tf.identity(self.generator_scale.scale.value)
        return values

    def _judge_mismatched(self, batch: dict[str, Any], seen: Any, h: Any) -> Any:
        """Returns s_w `[B]`, for *_cls.

        Args:
            batch: of `train_step`.
            seen: what D saw in the real images; with another text they need no second
                look.
            h: scaled texts `[B, D]` of the real images.
        """
        if not self.config.matches:
            return None
        if self.config.mismatch == "image":
            return self.discriminator(batch["wrong_images"], h, training=True)
        wrong = self.text_scaling(batch["wrong_text_embedding"])
        return self.discriminator.judge(seen, wrong, training=True)

    def _judge_fakes(
        self, batch: dict[str, Any], i: int, h: Any
    ) -> tuple[Any, Any | None]:
        """Returns s_f `[B]` and, for *_int, s_i `[P]` of the i-th update of G."""
        z = batch["generator_z"][i]
        if self.config.interpolates and self.config.interpolation_batch == "shared":
            z = tf.concat([z, batch["interpolation_z"][i]], axis=0)  # [B + P, Z]
            texts = tf.concat([h, self._interpolated(batch, i)], axis=0)  # [B + P, D]
            logits = self._generate_and_judge(z, texts)
            return logits[: h.shape[0]], logits[h.shape[0] :]
        return self._generate_and_judge(z, h), self._judge_interpolated(batch, i)

    def _judge_interpolated(self, batch: dict[str, Any], i: int) -> Any:
        """Returns s_i `[P]` of interpolated captions in a pass of their own, if any."""
        if not self.config.interpolates:
            return None
        z = batch["interpolation_z"][i]
        return self._generate_and_judge(z, self._interpolated(batch, i))

    def _interpolated(self, batch: dict[str, Any], i: int) -> Any:
        """Returns beta t_1 + (1 - beta) t_2 `[P, D]` of pairs of the batch (Eq. 5)."""
        first = self.text_scaling(batch["first_embedding"])
        second = self.text_scaling(batch["second_embedding"])
        beta = batch["beta"][i]
        return beta * first + (1.0 - beta) * second

    def _generate_and_judge(self, z: Any, h: Any) -> Any:
        images = self.generator(z, h, training=True)
        return self.discriminator(images, h, training=True)

    def _discriminator_loss(self, s_r: Any, s_w: Any, s_f: Any) -> Any:
        if s_w is None:
            return losses.gan_discriminator_loss(s_r, s_f)
        weights = self.config.wrong_weight, self.config.fake_weight
        return losses.discriminator_loss(s_r, s_w, s_f, *weights)

    def _generator_loss(self, s_f: Any, s_i: Any) -> Any:
        if s_i is None:
            return losses.generator_loss(s_f)
        weight = self.config.interpolation_weight
        shared = self.config.interpolation_batch == "shared"
        return losses.interpolated_generator_loss(s_f, s_i, weight, shared)

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
    with building():
        return Generator(
            architecture=config.architecture,
            text_dim=text_dim,
            z_dim=config.z_dim,
            width=config.gf,
            text_features=config.text_features,
            kernel_size=config.kernel_size,
            conditional=config.conditional,
            upsampling=config.upsampling,
            dtype=config.dtype,
            name=name,
        )


def sampling_generator_name(config: Config) -> str:
    """Returns which of `GAN.checkpoint_objects` images are made from."""
    return "ema_generator" if config.ema_decay > 0 else "generator"
