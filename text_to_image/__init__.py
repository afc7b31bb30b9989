"""Stage 3, the paper: reads a cache, trains the GAN, makes images of sentences."""

from typing import Any

__all__ = ["Config", "TextToImage"]


def __getattr__(name: str) -> Any:
    """Imports on first use: the networks alone need Keras, on any backend, only."""
    if name == "Config":
        from text_to_image.config import Config

        return Config
    if name == "TextToImage":
        from text_to_image.generation.text_to_image import TextToImage

        return TextToImage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
