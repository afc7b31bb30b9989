"""Stage 1: sentences in, skip-thought vectors out (Kiros et al. 2015)."""

from typing import Any

__all__ = ["SkipThoughtEncoder"]


def __getattr__(name: str) -> Any:
    """Imports TensorFlow on first use only: the other stages import `errors` too."""
    if name == "SkipThoughtEncoder":
        from skipthoughts.encoder import SkipThoughtEncoder

        return SkipThoughtEncoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
