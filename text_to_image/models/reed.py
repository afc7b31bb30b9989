"""The networks of the paper's Torch code: `--architecture=reed` (Sec. 4.1, Fig. 2).

Kernels are 4x4, convolutions have no biases, and residual blocks follow 4x4 and 8x8.
"""

from typing import Any

import keras
from keras import layers, ops

from text_to_image.models import blocks
from text_to_image.models.convolutions import Deconvolution
from text_to_image.models.image_trunk import ImageTrunk
from text_to_image.models.residual_block import ResidualBlock
from text_to_image.models.text_mix import TextMix


def reed_trunk(width: int, dtype: Any) -> ImageTrunk:
    """The trunk of D and of the style encoder."""
    return ImageTrunk(
        width, 4, use_bias=False, residual=True, dtype=dtype, name="trunk"
    )


@keras.saving.register_keras_serializable("text_to_image")
class ReedGenerator(layers.Layer):
    """G from noise and text to an image; w is `width`.

    Args:
        text_dim: dimensions of the caption vectors.
        width: channels of the last hidden stage.
        text_features: dimensions of the projected text.
        conditional: whether the text is read at all.
        upsampling: one of `blocks.UPSAMPLINGS`.

    Call inputs: z `[B, Z]` and text_embedding `[B, text_dim]`.

    Call output: images `[B, 64, 64, 3]` in [-1, 1], float32.

    Reference: reedscot/icml2016, main_cls_int.lua.
    """

    def __init__(
        self,
        text_dim: int,
        width: int,
        text_features: int,
        conditional: bool,
        upsampling: str,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        w, dtype, kind = width, self.dtype_policy, blocks.UPSAMPLINGS[upsampling]
        self.conditional = conditional
        if conditional:
            self.text_projection = blocks.linear(
                text_features, text_dim, dtype, "text_projection"
            )
        # ReLU follows the residual block, so the stages before one have none.
        self.stem = blocks.convolution(
            8 * w, 4, dtype, "stem", kind=Deconvolution, padding="valid"
        )
        self.stem_norm = blocks.batch_norm(dtype, "stem_norm")
        self.residual4 = ResidualBlock(
            8 * w, 2 * w, leaky=False, dtype=dtype, name="residual4"
        )
        self.residual8 = ResidualBlock(
            4 * w, w, leaky=False, dtype=dtype, name="residual8"
        )
        self.deconv8 = blocks.convolution(
            4 * w, 4, dtype, "deconv8", kind=kind, strides=2
        )
        self.deconv16 = blocks.convolution(
            2 * w, 4, dtype, "deconv16", kind=kind, strides=2
        )
        self.deconv32 = blocks.convolution(
            w, 4, dtype, "deconv32", kind=kind, strides=2
        )
        self.deconv64 = blocks.convolution(
            3, 4, dtype, "deconv64", kind=kind, strides=2
        )
        self.norm8 = blocks.batch_norm(dtype, "norm8")
        self.norm16 = blocks.batch_norm(dtype, "norm16")
        self.norm32 = blocks.batch_norm(dtype, "norm32")
        self.text_activation = blocks.leaky_relu(dtype, "text_activation")

    def call(self, z: Any, text_embedding: Any, training: bool = False) -> Any:
        x = z  # [B, Z]
        if self.conditional:
            text = self.text_activation(self.text_projection(text_embedding))  # [B, T]
            x = ops.concatenate([x, text], axis=-1)  # [B, Z + T]
        x = self.stem(ops.expand_dims(x, (1, 2)))  # [B, 4, 4, 8w]
        x = self.residual4(self.stem_norm(x, training=training), training=training)
        x = self.norm8(self.deconv8(x), training=training)  # [B, 8, 8, 4w]
        x = self.residual8(x, training=training)
        x = self.norm16(self.deconv16(x), training=training)  # [B, 16, 16, 2w]
        x = self.norm32(self.deconv32(ops.relu(x)), training=training)  # [B, 32, 32, w]
        x = self.deconv64(ops.relu(x))  # [B, 64, 64, 3]
        return ops.tanh(ops.cast(x, "float32"))


@keras.saving.register_keras_serializable("text_to_image")
class ReedDiscriminator(layers.Layer):
    """D from an image and text to a logit; w is `width`.

    Args:
        text_dim: dimensions of the caption vectors.
        width: channels of the first stage.
        text_features: dimensions of the projected text.
        conditional: whether the text is read at all.

    Call inputs: images `[B, 64, 64, 3]` in [-1, 1] and text_embedding `[B, text_dim]`.

    Call output: logits `[B, 1, 1, 1]`.

    Reference: reedscot/icml2016, main_cls_int.lua.
    """

    def __init__(
        self,
        text_dim: int,
        width: int,
        text_features: int,
        conditional: bool,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        w, dtype = width, self.dtype_policy
        self.conditional = conditional
        self.trunk = reed_trunk(w, dtype)
        if conditional:
            self.text_projection = blocks.linear(
                text_features, text_dim, dtype, "text_projection"
            )
            self.text_norm = blocks.batch_norm(dtype, "text_norm")
            self.mix = TextMix.make(8 * w, text_features, dtype)
            self.mix_norm = blocks.batch_norm(dtype, "mix_norm")
            self.activate = blocks.leaky_relu(dtype, "leaky_relu")
        self.score = blocks.convolution(1, 4, dtype, "score", padding="valid")

    def look(self, images: Any, training: bool = False) -> Any:
        """Reads images `[B, 64, 64, 3]`: `[B, 4, 4, 8w]`."""
        seen = self.trunk(images, training=training)  # [B, 4, 4, 8w]
        return self.mix.of_image(seen) if self.conditional else seen

    def judge(self, seen: Any, text_embedding: Any, training: bool = False) -> Any:
        """Returns logits `[B, 1, 1, 1]` of what `look` gave with texts."""
        x = seen
        if self.conditional:
            text = self.text_projection(text_embedding)  # [B, T]
            text = self.activate(self.text_norm(text, training=training))
            x = seen + self.mix.of_text(text)  # [B, 4, 4, 8w]
            x = self.activate(self.mix_norm(x, training=training))
        return self.score(x)  # [B, 1, 1, 1]

    def call(self, images: Any, text_embedding: Any, training: bool = False) -> Any:
        return self.judge(self.look(images, training), text_embedding, training)
