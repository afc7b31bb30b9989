"""The networks of the paper, in backend-neutral Keras."""

from text_to_image.models.discriminator import Discriminator
from text_to_image.models.generator import Generator
from text_to_image.models.style_encoder import StyleEncoder

__all__ = ["Discriminator", "Generator", "StyleEncoder"]
