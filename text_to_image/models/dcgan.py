"""The networks of the TensorFlow variant, after DCGAN: `--architecture=dcgan`.

Kernels are 5x5 as published, and every layer has biases.
"""

from typing import Any

import keras
from keras import layers, ops

from text_to_image.models import blocks
from text_to_image.models.image_trunk import ImageTrunk
from text_to_image.models.text_mix import TextMix


def dcgan_trunk(width: int, kernel_size: int, dtype: Any) -> ImageTrunk:
    """The trunk of D and of the style encoder."""
    return ImageTrunk(
        width, kernel_size, use_bias=True, residual=False, dtype=dtype, name="trunk"
    )


@keras.saving.register_keras_serializable("text_to_image")
class DcganGenerator(layers.Layer):
    """G from noise and text to an image; w is `width`.

    Args:
        width: channels of the last hidden stage.
        text_features: dimensions of the projected text.
        kernel_size: of the convolutions.
        conditional: whether the text is read at all; without it, this is DCGAN.
        upsampling: one of `blocks.UPSAMPLINGS`.

    Call inputs: z `[B, Z]` and text_embedding `[B, text_dim]`.

    Call output: images `[B, 64, 64, 3]` in [-1, 1], float32.

    Reference: paarthneekhara/text-to-image.

    Notable changes: [-1, 1], where the variant rescales to [0, 1].
    """

    def __init__(
        self,
        width: int,
        text_features: int,
        kernel_size: int,
        conditional: bool,
        upsampling: str,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        w, dtype = width, self.dtype_policy
        self.conditional = conditional
        if conditional:
            self.text_projection = blocks.dcgan_linear(
                text_features, dtype, "text_projection"
            )
        self.stem = blocks.dcgan_linear(4 * 4 * 8 * w, dtype, "stem")
        self.stem_reshape = layers.Reshape((4, 4, 8 * w), dtype=dtype)
        self.stem_norm = blocks.batch_norm(dtype, "stem_norm")
        options: dict[str, Any] = {
            "kind": blocks.UPSAMPLINGS[upsampling],
            "strides": 2,
            "use_bias": True,
        }
        k = kernel_size
        self.deconv8 = blocks.convolution(4 * w, k, dtype, "deconv8", **options)
        self.deconv16 = blocks.convolution(2 * w, k, dtype, "deconv16", **options)
        self.deconv32 = blocks.convolution(w, k, dtype, "deconv32", **options)
        self.deconv64 = blocks.convolution(3, k, dtype, "deconv64", **options)
        self.norm8 = blocks.batch_norm(dtype, "norm8")
        self.norm16 = blocks.batch_norm(dtype, "norm16")
        self.norm32 = blocks.batch_norm(dtype, "norm32")
        self.text_activation = blocks.leaky_relu(dtype, "text_activation")

    def call(self, z: Any, text_embedding: Any, training: bool = False) -> Any:
        x = z  # [B, Z]
        if self.conditional:
            text = self.text_activation(self.text_projection(text_embedding))  # [B, T]
            x = ops.concatenate([x, text], axis=-1)  # [B, Z + T]
        x = self.stem_reshape(self.stem(x))  # [B, 4, 4, 8w]
        x = ops.relu(self.stem_norm(x, training=training))
        x = self.norm8(self.deconv8(x), training=training)  # [B, 8, 8, 4w]
        x = self.norm16(
            self.deconv16(ops.relu(x)), training=training
        )  # [B, 16, 16, 2w]
        x = self.norm32(self.deconv32(ops.relu(x)), training=training)  # [B, 32, 32, w]
        x = self.deconv64(ops.relu(x))  # [B, 64, 64, 3]
        return ops.tanh(ops.cast(x, "float32"))


@keras.saving.register_keras_serializable("text_to_image")
class DcganDiscriminator(layers.Layer):
    """D from an image and text to a logit; w is `width`.

    Without text, the score follows the image's 4x4x8w, as in DCGAN.

    Args:
        width: channels of the first stage.
        text_features: dimensions of the projected text.
        kernel_size: of the convolutions.
        conditional: whether the text is read at all.

    Call inputs: images `[B, 64, 64, 3]` in [-1, 1] and text_embedding `[B, text_dim]`.

    Call output: logits `[B, 1]`.

    Reference: paarthneekhara/text-to-image.
    """

    def __init__(
        self,
        width: int,
        text_features: int,
        kernel_size: int,
        conditional: bool,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        w, dtype = width, self.dtype_policy
        self.conditional = conditional
        self.trunk = dcgan_trunk(w, kernel_size, dtype)
        if conditional:
            self.text_projection = blocks.dcgan_linear(
                text_features, dtype, "text_projection"
            )
            self.mix = TextMix.make(8 * w, text_features, dtype, use_bias=True)
            self.mix_norm = blocks.batch_norm(dtype, "mix_norm")
            self.activate = blocks.leaky_relu(dtype, "leaky_relu")
        self.flatten = layers.Flatten("channels_last", dtype=dtype)
        self.score = blocks.dcgan_linear(1, dtype, "score")

    def look(self, images: Any, training: bool = False) -> Any:
        """Reads images `[B, 64, 64, 3]`: `[B, 4, 4, 8w]`."""
        seen = self.trunk(images, training=training)  # [B, 4, 4, 8w]
        return self.mix.of_image(seen) if self.conditional else seen

    def judge(self, seen: Any, text_embedding: Any, training: bool = False) -> Any:
        """Returns logits `[B, 1]` of what `look` gave with texts."""
        x = seen
        if self.conditional:
            text = self.activate(self.text_projection(text_embedding))  # [B, T]
            x = seen + self.mix.of_text(text)  # [B, 4, 4, 8w]
            x = self.activate(self.mix_norm(x, training=training))
        return self.score(self.flatten(x))  # [B, 128w], then [B, 1]

    def call(self, images: Any, text_embedding: Any, training: bool = False) -> Any:
        return self.judge(self.look(images, training), text_embedding, training)
