"""Reads pickles of plain values and arrays, and runs nothing of what they name.

A pickle is a program that may call any function of any module. This reader knows the
few names that containers, bytes and NumPy's arrays need, refuses every other one, and
calls neither NumPy nor the named functions: stand-ins check and keep what they are
given. It reads what Python 2 and 3 write, protocols 0 to 5.
"""

import math
import pickle
import reprlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np

from foundation.errors import InputError

_NUMBERS = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
_OBJECTS = ("O4", "O8")  # of 32-bit and 64-bit machines


class PickledDtype:
    """Stands in for `numpy.dtype`: numbers or Python objects, no structures.

    Attributes:
        code: NumPy's, as "<f4".
    """

    __slots__ = ("code",)

    def __init__(self, code: str, align: object = False, copy: object = False):
        if not isinstance(code, str) or code not in (*_NUMBERS, *_OBJECTS):
            raise pickle.UnpicklingError(f"dtype {reprlib.repr(code)}")
        self.code = code

    def __repr__(self) -> str:
        return repr(self.code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, order, subarray, names, fields, *_ = state
        if order not in ("<", ">", "|") or (subarray, names, fields) != (None,) * 3:
            raise pickle.UnpicklingError(f"dtype {self.code!r} with unusual state")
        self.code = order + self.code[-2:]


class PickledArray:
    """Stands in for an array, and copies nothing of its content.

    Attributes:
        shape: its shape.
        dtype: NumPy's code, as "<f4"; "|O8" for an array of Python objects.
        content: its elements in C order: a list of Python objects, or raw bytes, which
            Python 2 wrote as a string that is Latin-1 now.
    """

    __slots__ = ("content", "dtype", "shape")

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = (0,)
        self.dtype = "|b1"
        self.content: list[Any] | bytes | bytearray | str = b""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, fortran_order, content = state
        self.fill(shape, dtype, "F" if fortran_order else "C", content)

    def fill(self, shape: Any, dtype: Any, order: Any, content: Any) -> None:
        """Sets what the array is.

        Raises:
            pickle.UnpicklingError: the content is not that of such an array.
        """
        if not isinstance(dtype, PickledDtype) or order != "C":
            raise pickle.UnpicklingError(
                f"array of dtype {reprlib.repr(dtype)}, order {reprlib.repr(order)}"
            )
        if not isinstance(shape, tuple) or not all(
            isinstance(length, int) and length >= 0 for length in shape
        ):
            raise pickle.UnpicklingError(f"array of shape {reprlib.repr(shape)}")
        if dtype.code[-2:] in _OBJECTS:
            right, length = isinstance(content, list), math.prod(shape)
        else:
            right = isinstance(content, bytes | bytearray | str)
            length = math.prod(shape) * int(dtype.code[-1])
        if not right or len(content) != length:
            raise pickle.UnpicklingError(
                f"array of shape {reprlib.repr(shape)}, dtype {dtype.code} with other "
                "content"
            )
        self.shape, self.dtype, self.content = shape, dtype.code, content

    def numpy(self) -> np.ndarray:
        """Returns the array, read-only where it can be without a copy.

        Raises:
            ValueError: it is one of Python objects, or its content is not Latin-1.
        """
        content: Any = self.content
        raw = content.encode("latin1") if isinstance(content, str) else content
        if self.dtype[-2:] in _OBJECTS:
            raise ValueError("an array of Python objects, expected numbers")
        return np.frombuffer(raw, self.dtype).reshape(self.shape)


def load(file: IO[bytes], path: str | Path) -> Any:
    """Reads one pickle.

    Args:
        file: open where the pickle begins.
        path: how to name the file in errors.

    Returns:
        Dictionaries (ordered ones as plain ones), lists, tuples, sets, strings, bytes,
        numbers (NumPy's as Python's), None, and `PickledArray` for arrays.

    Raises:
        InputError: the pickle is damaged or names anything else.
    """
    try:
        return _Unpickler(file, encoding="latin1").load()
    except _Refused as error:
        raise InputError(
            f"{path}: refused, its pickle names {str(error)[:80]!r}; expected only "
            "plain values and NumPy arrays, get the file from a source you trust"
        ) from error
    except Exception as error:  # damaged bytes make pickle raise almost anything
        reason = f"{type(error).__name__}: {error}".split("\n")[0][:120]
        raise InputError(
            f"{path}: cannot be read ({reason}); expected a pickle of plain values and "
            "NumPy arrays, download the file again"
        ) from error


class _Refused(pickle.UnpicklingError):
    """A global that is not in the list."""


_PurePython: Any = pickle._Unpickler  # type: ignore[attr-defined]


class _Unpickler(_PurePython):
    """Python's own reader in Python: that in C hashes keys before they can be seen.

    A tuple that is nested 100,000 deep overflows the stack of C when it is hashed.
    """

    dispatch = dict(_PurePython.dispatch)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _GLOBALS:
            raise _Refused(f"{module}.{name}")
        return _GLOBALS[module, name]

    def load_setitem(self) -> None:
        _check_keys([self.stack[-2]])
        super().load_setitem()

    def load_setitems(self) -> None:
        _check_keys(self.stack[::2])
        super().load_setitems()

    def load_dict(self) -> None:
        _check_keys(self.stack[::2])
        super().load_dict()

    def load_additems(self) -> None:
        _check_keys(self.stack)
        super().load_additems()

    def load_frozenset(self) -> None:
        _check_keys(self.stack)
        super().load_frozenset()

    for _code, _load in (
        (pickle.SETITEM, load_setitem),
        (pickle.SETITEMS, load_setitems),
        (pickle.DICT, load_dict),
        (pickle.ADDITEMS, load_additems),
        (pickle.FROZENSET, load_frozenset),
    ):
        dispatch[_code[0]] = _load


def _check_keys(keys: Iterable[Any]) -> None:
    """Refuses keys whose hash takes more than a look at them."""
    for key in keys:
        if key is not None and type(key) not in (str, bytes, int, float, bool):
            raise pickle.UnpicklingError(f"a key of type {type(key).__name__}")


def _dict(items: Any = ()) -> dict[Any, Any]:
    pairs = [(key, value) for key, value in items]
    _check_keys(key for key, _ in pairs)
    return dict(pairs)


def _set(items: Any = ()) -> set[Any]:
    items = list(items)
    _check_keys(items)
    return set(items)


class _Global:
    """What a pickle gets for a name: it can be called, and not be changed.

    A pickle may set attributes of whatever it gets, and so change a class or a function
    for the rest of the process.
    """

    __slots__ = ("_stand_in",)

    def __init__(self, stand_in: Callable[..., Any]):
        self._stand_in = stand_in

    def __call__(self, *arguments: Any) -> Any:
        return self._stand_in(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("a pickle that changes a function")


def _no_array(*arguments: Any) -> None:
    raise pickle.UnpicklingError("an array made by its class")


def _reconstruct(array_type: Any, shape: Any, code: Any) -> PickledArray:
    if array_type is not _NDARRAY:
        raise pickle.UnpicklingError("a subclass of NumPy's array")
    return PickledArray()


def _frombuffer(content: Any, dtype: Any, shape: Any, order: Any) -> PickledArray:
    array = PickledArray()
    array.fill(shape, dtype, order, content)
    return array


def _scalar(dtype: Any, content: Any) -> Any:
    return _frombuffer(content, dtype, (), "C").numpy().item()


def _encode(text: Any, encoding: Any) -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError(f"text encoded as {reprlib.repr(encoding)}")
    return text.encode("latin1")  # how Python 3 writes bytes for Python 2


def _empty_bytes() -> bytes:
    return b""


_NDARRAY = _Global(_no_array)
_GLOBALS = {
    ("collections", "OrderedDict"): _Global(_dict),
    ("_codecs", "encode"): _Global(_encode),
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): _Global(PickledDtype),
}
for _module in ("__builtin__", "builtins"):  # Python 2 and 3
    _GLOBALS[_module, "set"] = _Global(_set)
    _GLOBALS[_module, "bytes"] = _Global(_empty_bytes)
for _module in ("numpy.core", "numpy._core"):  # NumPy 1 and 2
    _GLOBALS[f"{_module}.multiarray", "_reconstruct"] = _Global(_reconstruct)
    _GLOBALS[f"{_module}.multiarray", "scalar"] = _Global(_scalar)
    _GLOBALS[f"{_module}.numeric", "_frombuffer"] = _Global(_frombuffer)
