"""The discriminator network D(x, phi(t)): is x a real picture that fits the text?"""

from typing import Any

import keras
from keras import layers, ops

from text_to_image.models import blocks
from text_to_image.models.image_trunk import ImageTrunk
from text_to_image.models.text_mix import TextMix


@keras.saving.register_keras_serializable("text_to_image")
class Discriminator(keras.Model):
    """D: R^D x R^T -> logit (Sec. 4.1), in two architectures.

    Both bring the picture to 4x4x8w (`ImageTrunk`), replicate the projected text over
    the 4x4 positions, concatenate in depth, and mix by a 1x1 convolution (`TextMix`
    has it in two parts) with batch norm and LeakyReLU(0.2).

    `reed`, the Torch code of the paper (no biases on convolutions):
      text: linear 128, batch norm, LeakyReLU; 1x1 convolution; 4x4 convolution to 1;
      4x4 kernels; w = 64.
    `dcgan`, the TensorFlow variant (biases everywhere):
      text: linear 256, LeakyReLU; 1x1 convolution; linear to 1; 5x5 kernels; w = 64.
    Without text, the score follows the picture's 4x4x8w, as in DCGAN.

    Args:
        architecture: "reed" or "dcgan".
        text_dim: dimensions of the caption vectors.
        width: channels of the first stage; 0 takes the published number.
        text_features: dimensions of the projected text; 0 takes the published one.
        kernel_size: of `dcgan`'s convolutions; 0 takes the published 5.
        conditional: whether the text is read at all.

    Call inputs:
        images: float `[B, 64, 64, 3]` in [-1, 1].
        text_embedding: float `[B, text_dim]`.

    Call output: logits `[B]`, float32 under every policy; the paper's score is their
    sigmoid.

    Reference: Reed et al. 2016, Sec. 4.1 and Fig. 2; reedscot/icml2016
    (main_cls_int.lua); paarthneekhara/text-to-image.
    """

    def __init__(
        self,
        architecture: str = "reed",
        text_dim: int = 4800,
        width: int = 0,
        text_features: int = 0,
        kernel_size: int = 0,
        conditional: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        if architecture not in blocks.ARCHITECTURES:
            raise ValueError(
                f"architecture={architecture!r}, expected one of {blocks.ARCHITECTURES}"
            )
        self.architecture = architecture
        self.text_dim = text_dim
        self.width = width
        self.text_features = text_features
        self.kernel_size = kernel_size
        self.conditional = conditional
        if architecture == "reed":
            self._make_reed(width or 64, text_features or 128)
        else:
            self._make_dcgan(width or 64, text_features or 256, kernel_size or 5)
        # A symbolic call creates every variable at once.
        size = blocks.IMAGE_SIZE
        shapes = ((size, size, 3), (text_dim,))
        self(*(keras.Input(shape, dtype="float32") for shape in shapes))

    def _make_reed(self, width: int, text_features: int) -> None:
        dtype = self.dtype_policy
        self.trunk = ImageTrunk("reed", width, 4, dtype=dtype, name="trunk")
        if self.conditional:
            self.text_projection = blocks.linear(
                text_features, self.text_dim, dtype, "text_projection"
            )
            self.text_norm = blocks.batch_norm(dtype, "text_norm")
            self._make_mix(width, text_features, use_bias=False)
        self.score = blocks.convolution(1, 4, dtype, "score", padding="valid")

    def _make_dcgan(self, width: int, text_features: int, kernel_size: int) -> None:
        dtype = self.dtype_policy
        self.trunk = ImageTrunk("dcgan", width, kernel_size, dtype=dtype, name="trunk")
        if self.conditional:
            self.text_projection = blocks.dcgan_linear(
                text_features, dtype, "text_projection"
            )
            self._make_mix(width, text_features, use_bias=True)
        self.flatten = layers.Flatten("channels_last", dtype=dtype)
        self.score = blocks.dcgan_linear(1, dtype, "score")

    def _make_mix(self, width: int, text_features: int, use_bias: bool) -> None:
        dtype = self.dtype_policy
        self.mix = TextMix(
            8 * width,
            use_bias=use_bias,
            kernel_initializer=blocks.convolution_init(),
            dtype=dtype,
            name="mix",
        )
        self.mix.build((None, 4, 4, 8 * width + text_features))
        self.mix_norm = blocks.batch_norm(dtype, "mix_norm")
        self.activate = blocks.leaky_relu(dtype, "leaky_relu")

    def call(self, images: Any, text_embedding: Any, training: bool = False) -> Any:
        return self.judge(self.look(images, training), text_embedding, training)

    def look(self, images: Any, training: bool = False) -> Any:
        """Reads pictures `[B, 64, 64, 3]` once, for any number of judgements."""
        seen = self.trunk(images, training=training)  # [B, 4, 4, 8w]
        return self.mix.of_picture(seen) if self.conditional else seen

    def judge(self, seen: Any, text_embedding: Any, training: bool = False) -> Any:
        """Returns logits `[B]` of what `look` gave with a text `[B, text_dim]`."""
        x = seen
        if self.conditional:
            text = self._project(text_embedding, training)  # [B, T]
            x = seen + self.mix.of_text(text)  # [B, 4, 4, 8w]
            x = self.activate(self.mix_norm(x, training=training))
        if self.architecture == "dcgan":
            x = self.flatten(x)  # [B, 128w]
        x = self.score(x)  # [B, 1, 1, 1] or [B, 1]
        return ops.cast(ops.reshape(x, (-1,)), "float32")  # [B]

    def _project(self, text_embedding: Any, training: bool) -> Any:
        text = self.text_projection(text_embedding)  # [B, T]
        if self.architecture == "reed":
            text = self.text_norm(text, training=training)
        return self.activate(text)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "architecture": self.architecture,
            "text_dim": self.text_dim,
            "width": self.width,
            "text_features": self.text_features,
            "kernel_size": self.kernel_size,
            "conditional": self.conditional,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
        }
