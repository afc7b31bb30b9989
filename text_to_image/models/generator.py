"""The generator network G(z, phi(t)): noise and a caption's vector to a picture."""

from typing import Any

import keras
from keras import layers, ops

from text_to_image.models import blocks


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

    Notable changes: `dcgan` gives [-1, 1] where the variant rescales to [0, 1].
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
        if architecture not in blocks.ARCHITECTURES:
            raise ValueError(
                f"architecture={architecture!r}, expected one of {blocks.ARCHITECTURES}"
            )
        if upsampling not in blocks.UPSAMPLINGS:
            raise ValueError(
                f"upsampling={upsampling!r}, expected one of {blocks.UPSAMPLINGS}"
            )
        self.architecture = architecture
        self.text_dim = text_dim
        self.z_dim = z_dim
        self.width = width
        self.text_features = text_features
        self.kernel_size = kernel_size
        self.conditional = conditional
        self.upsampling = upsampling
        if architecture == "reed":
            self._make_reed(width or 128, text_features or 128)
        else:
            self._make_dcgan(width or 64, text_features or 256, kernel_size or 5)
        # A symbolic call creates every variable at once.
        shapes = ((z_dim,), (text_dim,))
        self(*(keras.Input(shape, dtype="float32") for shape in shapes))

    def _make_reed(self, width: int, text_features: int) -> None:
        dtype = self.dtype_policy
        if self.conditional:
            self.text_projection = blocks.linear(
                text_features, self.text_dim, dtype, "text_projection"
            )
        # ReLU follows the residual block, so the stages before one have none.
        self.stem = blocks.deconvolution(
            8 * width, 4, dtype, "stem", strides=1, padding="valid"
        )
        self.stem_norm = blocks.batch_norm(dtype, "stem_norm")
        self.residual4 = blocks.ResidualBlock(
            8 * width, 2 * width, leaky=False, dtype=dtype, name="residual4"
        )
        self.residual8 = blocks.ResidualBlock(
            4 * width, width, leaky=False, dtype=dtype, name="residual8"
        )
        self._make_upsampling(width, kernel_size=4, use_bias=False)

    def _make_dcgan(self, width: int, text_features: int, kernel_size: int) -> None:
        dtype = self.dtype_policy
        if self.conditional:
            self.text_projection = blocks.dcgan_linear(
                text_features, dtype, "text_projection"
            )
        self.stem = blocks.dcgan_linear(4 * 4 * 8 * width, dtype, "stem")
        self.stem_reshape = layers.Reshape((4, 4, 8 * width), dtype=dtype)
        self.stem_norm = blocks.batch_norm(dtype, "stem_norm")
        self._make_upsampling(width, kernel_size, use_bias=True)

    def _make_upsampling(self, width: int, kernel_size: int, use_bias: bool) -> None:
        dtype = self.dtype_policy
        stages = {8: 4 * width, 16: 2 * width, 32: width, 64: 3}
        for size, filters in stages.items():
            name = f"deconv{size}"
            if self.upsampling == "nearest":
                layer = blocks.nearest_upsampling(
                    filters, dtype, name, use_bias=use_bias
                )
            else:
                layer = blocks.deconvolution(
                    filters, kernel_size, dtype, name, use_bias=use_bias
                )
            setattr(self, name, layer)
        self.norm8 = blocks.batch_norm(dtype, "norm8")
        self.norm16 = blocks.batch_norm(dtype, "norm16")
        self.norm32 = blocks.batch_norm(dtype, "norm32")
        self.text_activation = blocks.leaky_relu(dtype, "text_activation")

    def call(self, z: Any, text_embedding: Any, training: bool = False) -> Any:
        x = ops.cast(z, self.compute_dtype)  # [B, Z]
        if self.conditional:
            text = self.text_activation(self.text_projection(text_embedding))  # [B, T]
            x = ops.concatenate([x, text], axis=-1)  # [B, Z + T]
        stem = self._reed_stem if self.architecture == "reed" else self._dcgan_stem
        x = stem(x, training)  # [B, 4, 4, 8w]
        x = self.norm8(self.deconv8(x), training=training)  # [B, 8, 8, 4w]
        if self.architecture == "reed":
            x = self.residual8(x, training=training)
        else:
            x = ops.relu(x)
        x = self.norm16(self.deconv16(x), training=training)  # [B, 16, 16, 2w]
        x = self.norm32(self.deconv32(ops.relu(x)), training=training)  # [B, 32, 32, w]
        x = self.deconv64(ops.relu(x))  # [B, 64, 64, 3]
        return ops.tanh(ops.cast(x, "float32"))

    def _reed_stem(self, x: Any, training: bool) -> Any:
        x = ops.expand_dims(x, (1, 2))  # [B, 1, 1, Z + T]
        x = self.stem_norm(self.stem(x), training=training)  # [B, 4, 4, 8w]
        return self.residual4(x, training=training)

    def _dcgan_stem(self, x: Any, training: bool) -> Any:
        x = self.stem_reshape(self.stem(x))  # [B, 4, 4, 8w]
        return ops.relu(self.stem_norm(x, training=training))

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
