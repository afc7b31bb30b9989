"""The discriminator network D(x, phi(t)): is x a real image that fits the text?"""

from typing import Any

import keras
from keras import ops

from text_to_image.models.architectures import ARCHITECTURES, check_choice
from text_to_image.models.dcgan import DcganDiscriminator
from text_to_image.models.image_size import IMAGE_SIZE
from text_to_image.models.reed import ReedDiscriminator


@keras.saving.register_keras_serializable("text_to_image")
class Discriminator(keras.Model):
    """D: R^D x R^T -> logit (Sec. 4.1), in two architectures.

    Both bring the image to 4x4x8w (its trunk), replicate the projected text over
    the 4x4 positions, concatenate in depth, and mix by a 1x1 convolution (`TextMix`
    has it in two parts) with batch norm and LeakyReLU(0.2).

    `reed`, the Torch code of the paper (no biases on convolutions):
      text: linear 128, batch norm, LeakyReLU; 1x1 convolution; 4x4 convolution to 1;
      4x4 kernels; w = 64.
    `dcgan`, the TensorFlow variant (biases everywhere):
      text: linear 256, LeakyReLU; 1x1 convolution; linear to 1; 5x5 kernels; w = 64.
    Without text, the score follows the image's 4x4x8w, as in DCGAN.

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
        check_choice("architecture", architecture, ARCHITECTURES)
        self.architecture = architecture
        self.text_dim = text_dim
        self.width = width
        self.text_features = text_features
        self.kernel_size = kernel_size
        self.conditional = conditional
        options: dict[str, Any] = {
            "conditional": conditional,
            "dtype": self.dtype_policy,
            "name": architecture,
        }
        if architecture == "reed":
            self.network = ReedDiscriminator(
                text_dim, width or 64, text_features or 128, **options
            )
        else:
            self.network = DcganDiscriminator(
                width or 64, text_features or 256, kernel_size or 5, **options
            )
        # A symbolic call creates every variable at once.
        shapes = ((IMAGE_SIZE, IMAGE_SIZE, 3), (text_dim,))
        self(*(keras.Input(shape, dtype="float32") for shape in shapes))

    def call(self, images: Any, text_embedding: Any, training: bool = False) -> Any:
        return _as_row(self.network(images, text_embedding, training=training))  # [B]

    def look(self, images: Any, training: bool = False) -> Any:
        """Reads images `[B, 64, 64, 3]` once, for any number of judgements."""
        return self.network.look(images, training)  # [B, 4, 4, 8w]

    def judge(self, seen: Any, text_embedding: Any, training: bool = False) -> Any:
        """Returns logits `[B]` of what `look` gave with a text `[B, text_dim]`."""
        logits = self.network.judge(seen, text_embedding, training)
        return _as_row(logits)  # [B]

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


def _as_row(logits: Any) -> Any:
    return ops.cast(ops.reshape(logits, (-1,)), "float32")  # [B]
