"""Keras's own settings, where no argument of a layer or an optimizer names them.

They are the process's: what changes them, or must not see them change, holds one lock.
"""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import keras

_LOCK = threading.RLock()


class FirstWeights:
    """First weights of a seed, whatever other threads build at the same time.

    Keras takes the seed of each initialiser from Python's generator, of which a process
    has one. Networks are built in a block of this; a later block goes on where the one
    before it ended.

    Args:
        seed: of Python, NumPy and TensorFlow.
    """

    def __init__(self, seed: int):
        self._seed = seed
        self._state: Any = None

    def __enter__(self) -> None:
        _LOCK.acquire()
        if self._state is None:
            keras.utils.set_random_seed(self._seed)
        else:
            random.setstate(self._state)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._state = random.getstate()
        _LOCK.release()


@contextmanager
def building() -> Iterator[None]:
    """Keeps networks whose weights will be loaded from disturbing `FirstWeights`."""
    with _LOCK:
        yield


@contextmanager
def float32_optimizers() -> Iterator[None]:
    """Lets optimizers made in the block hold their learning rate in float32.

    Keras takes its dtype from `floatx`, which users set in `keras.json`.
    """
    with _LOCK:
        floatx = keras.config.floatx()
        keras.config.set_floatx("float32")
        try:
            yield
        finally:
            keras.config.set_floatx(floatx)
