"""The generator network G(z, phi(t)): noise and a caption's vector to an image."""

from typing import Any

import keras

from text_to_image.models import blocks
from text_to_image.models.architectures import ARCHITECTURES, check_choice
from text_to_image.models.dcgan import DcganGenerator
from text_to_image.models.reed import ReedGenerator


@keras.saving.register_keras_serializable("text_to_image")
class Generator(keras.Model):
    """G: R^Z x R^T -> R^D (Sec. 4.1), in two architectures.

    Both project the text, concatenate `[z, text]` in this order, and upsample by
    transposed convolutions from 4x4 to 64x64.

    `reed`, the Torch code of the paper (no biases on convolutions):
      text: linear 128, LeakyReLU;
      4x4x8w, residual block; 8x8x4w, residual block; 16x16x2w; 32x32xw; 64x64x3, tanh;
      4x4 kernels; w = 128.
    `dcgan`, the TensorFlow variant (biases everywhere):
      text: linear 256, LeakyReLU; linear to 4x4x8w;
      8x8x4w; 16x16x2w; 32x32xw; 64x64x3, tanh; 5x5 kernels; w = 64.
    Batch norm and ReLU follow each stage but the last.

    Args:
        architecture: "reed" or "dcgan".
        text_dim: dimensions of the caption vectors.
        z_dim: dimensions of the noise.
        width: channels of the last hidden stage; 0 takes the published number.
        text_features: dimensions of the projected text; 0 takes the published one.
        kernel_size: of `dcgan`'s convolutions; 0 takes the published 5.
        conditional: whether the text is read at all; without it, `dcgan` is DCGAN.
        upsampling: "transposed" convolutions, or "nearest" neighbours and 3x3
            convolutions.

    Call inputs:
        z: float `[B, z_dim]`, standard normal in the paper.
        text_embedding: float `[B, text_dim]`.

    Call output: images `[B, 64, 64, 3]` in [-1, 1], float32 under every policy.

    Reference: Reed et al. 2016, Sec. 4.1 and Fig. 2; reedscot/icml2016
    (main_cls_int.lua); paarthneekhara/text-to-image.
    """

    def __init__(
        self,
        architecture: str = "reed",
        text_dim: int = 4800,
        z_dim: int = 100,
        width: int = 0,
        text_features: int = 0,
        kernel_size: int = 0,
        conditional: bool = True,
        upsampling: str = "transposed",
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        check_choice("architecture", architecture, ARCHITECTURES)
        check_choice("upsampling", upsampling, blocks.UPSAMPLINGS)
        self.architecture = architecture
        self.text_dim = text_dim
        self.z_dim = z_dim
        self.width = width
        self.text_features = text_features
        self.kernel_size = kernel_size
        self.conditional = conditional
        self.upsampling = upsampling
        options: dict[str, Any] = {
            "conditional": conditional,
            "upsampling": upsampling,
            "dtype": self.dtype_policy,
            "name": architecture,
        }
        if architecture == "reed":
            self.network = ReedGenerator(
                text_dim, width or 128, text_features or 128, **options
            )
        else:
            self.network = DcganGenerator(
                width or 64, text_features or 256, kernel_size or 5, **options
            )
        # A symbolic call creates every variable at once.
        shapes = ((z_dim,), (text_dim,))
        self(*(keras.Input(shape, dtype="float32") for shape in shapes))

    def call(self, z: Any, text_embedding: Any, training: bool = False) -> Any:
        return self.network(z, text_embedding, training=training)  # [B, 64, 64, 3]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "architecture": self.architecture,
            "text_dim": self.text_dim,
            "z_dim": self.z_dim,
            "width": self.width,
            "text_features": self.text_features,
            "kernel_size": self.kernel_size,
            "conditional": self.conditional,
            "upsampling": self.upsampling,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
        }
