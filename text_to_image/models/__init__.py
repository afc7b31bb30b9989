"""The networks of the paper, in backend-neutral Keras."""

from text_to_image.models.discriminator import Discriminator
from text_to_image.models.generator import Generator

__all__ = ["Discriminator", "Generator"]
