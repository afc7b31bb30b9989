"""The style encoder network S(x): predicts the noise behind an image."""

from typing import Any

import keras
from keras import layers, ops

from text_to_image.models import blocks
from text_to_image.models.architectures import ARCHITECTURES, check_choice
from text_to_image.models.dcgan import dcgan_trunk
from text_to_image.models.image_size import IMAGE_SIZE
from text_to_image.models.reed import reed_trunk


@keras.saving.register_keras_serializable("text_to_image")
class StyleEncoder(keras.Model):
    """S: R^D -> R^Z (Sec. 4.4), in the two architectures of the discriminator.

    The image is brought to 4x4x8w as in D (its trunk), without any text, then
    flattened and mapped to s by a linear layer.

    `reed`: 4x4 kernels without biases, residual block; w = 64.
    `dcgan`: 5x5 kernels with biases; w = 64.

    Args:
        architecture: "reed" or "dcgan".
        z_dim: dimensions of the noise.
        width: channels of the first stage; 0 takes the published number.
        kernel_size: of `dcgan`'s convolutions; 0 takes the published 5.

    Call input: images, float `[B, 64, 64, 3]` in [-1, 1].

    Call output: s, `[B, z_dim]`, float32 under every policy.

    Reference: Reed et al. 2016, Sec. 4.4.

    Notable changes: the paper does not say what S is made of; D's trunk is our choice.
    """

    def __init__(
        self,
        architecture: str = "reed",
        z_dim: int = 100,
        width: int = 0,
        kernel_size: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        check_choice("architecture", architecture, ARCHITECTURES)
        self.architecture = architecture
        self.z_dim = z_dim
        self.width = width
        self.kernel_size = kernel_size
        w, dtype = width or 64, self.dtype_policy
        self.trunk = (
            reed_trunk(w, dtype)
            if architecture == "reed"
            else dcgan_trunk(w, kernel_size or 5, dtype)
        )
        self.flatten = layers.Flatten("channels_last", dtype=dtype)
        # In float32: s is compared with noise that is not rounded.
        if architecture == "reed":
            self.head = blocks.linear(z_dim, 4 * 4 * 8 * w, "float32", "head")
        else:
            self.head = blocks.dcgan_linear(z_dim, "float32", "head")
        # A symbolic call creates every variable at once.
        self(keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3), dtype="float32"))

    def call(self, images: Any, training: bool = False) -> Any:
        x = self.trunk(images, training=training)  # [B, 4, 4, 8w]
        x = ops.cast(self.flatten(x), "float32")  # [B, 128w]
        return self.head(x)  # [B, Z]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "architecture": self.architecture,
            "z_dim": self.z_dim,
            "width": self.width,
            "kernel_size": self.kernel_size,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
        }
