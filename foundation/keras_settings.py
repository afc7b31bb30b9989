"""Keras's own settings, where no argument of a layer or an optimizer names them."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def float32_optimizers() -> Iterator[None]:
    """Lets optimizers made in the block hold their learning rate in float32.

    Keras takes its dtype from `floatx`, which users set in `keras.json`.
    """
    floatx = keras.config.floatx()
    keras.config.set_floatx("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
