"""Importing this raises ImportError where Keras has, or would take, another backend.

It stands before `import keras` in the modules that need TensorFlow: Keras fails in ways
of its own where its backend is not installed, and some crash next to TensorFlow.
"""

import json
import os
import sys
from pathlib import Path


def chosen_backend() -> tuple[str, str]:
    """Returns Keras's backend, or the one that it would take, and what chose it."""
    keras = sys.modules.get("keras")
    if keras is not None and hasattr(keras, "config"):  # imported, and to its end
        return keras.config.backend(), "keras was imported before"
    if os.environ.get("KERAS_BACKEND"):
        return os.environ["KERAS_BACKEND"], "by the environment's KERAS_BACKEND"
    folder = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    path = Path(folder) / "keras.json"
    try:
        backend = json.loads(path.read_text("utf-8"))["backend"]
    except Exception:  # of a file in any state
        return "tensorflow", "by default"
    return str(backend), f"by {path}"


def _require_tensorflow() -> None:
    backend, chooser = chosen_backend()
    if backend != "tensorflow":
        raise ImportError(
            f"Keras's backend is {backend!r}, {chooser}; expected 'tensorflow' for all "
            "but text_to_image.models and text_to_image.losses. Before anything "
            'imports keras, set os.environ["KERAS_BACKEND"] = "tensorflow"'
        )


_require_tensorflow()
