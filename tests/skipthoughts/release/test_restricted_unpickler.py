"""What a pickle may hold is read as `pickle` reads it; nothing that it names is run."""

import collections
import functools
import io
import os
import pickle
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InputError
from skipthoughts.release.restricted_unpickler import PickledArray, load

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(SCALARS)
    ),
    max_leaves=10,
)


def loads(content):
    return load(io.BytesIO(content), "file.pkl")


def error_of(content):
    with pytest.raises(InputError) as caught:
        loads(content)
    message = str(caught.value)
    assert message.startswith("file.pkl: ") and "\n" not in message
    assert len(message) < 400
    return message


@given(VALUES, st.sampled_from(PROTOCOLS))
def test_plain_values_are_read_as_pickle_reads_them(value, protocol):
    assert loads(pickle.dumps(value, protocol)) == value


def test_ordered_dictionaries_are_plain_ones():
    ordered = collections.OrderedDict(b=1, a=[2])
    for protocol in PROTOCOLS:
        loaded = loads(pickle.dumps(ordered, protocol))
        assert type(loaded) is dict and list(loaded.items()) == [("b", 1), ("a", [2])]
    python2 = (
        b"\x80\x02ccollections\nOrderedDict\n](](U\x01bK\x01e](U\x01aK\x02ee\x85R."
    )
    assert loads(python2) == {"b": 1, "a": 2}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="<f4").reshape(2, 3),
        np.arange(3, dtype=">f8"),
        np.array([[-1, 2]], "i8"),
        np.array([True, False]),
        np.array(7, "u1"),
        np.empty((0, 4), "f4"),
    ],
    ids=str,
)
def test_arrays_of_numbers(array, protocol):
    loaded = loads(pickle.dumps({"x": array}, protocol))["x"]
    assert isinstance(loaded, PickledArray)
    assert loaded.numpy().dtype == array.dtype
    np.testing.assert_array_equal(loaded.numpy(), array)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_of_objects_and_scalars(protocol):
    array = np.empty(2, object)
    array[:] = [np.ones(3, "f4"), "text"]
    loaded = loads(pickle.dumps(array, protocol))
    assert loaded.shape == (2,) and loaded.content[1] == "text"
    np.testing.assert_array_equal(loaded.content[0].numpy(), np.ones(3))
    with pytest.raises(ValueError, match="Python objects"):
        loaded.numpy()
    values = [np.float32(0.5), np.int64(-3), np.bool_(True)]
    assert loads(pickle.dumps(values, protocol)) == [0.5, -3, True]


def test_raw_strings_of_python_2_are_bytes():
    raw = np.array([1.5, -0.0, 3e38], "<f4").tobytes()
    content = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02"
        b"K\x00\x85U\x01b\x87R(K\x01K\x03\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x0c%stb."
    )
    loaded = loads(content % raw)
    assert loaded.dtype == "<f4" and loaded.numpy().tobytes() == raw


class Call:
    """Pickled as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def python_that_creates(path):
    return f"open({str(path)!r}, 'w').close()"


MALICIOUS = {
    "os.system": lambda path: Call(os.system, f"touch {path}"),
    "subprocess.Popen": lambda path: Call(subprocess.Popen, ["touch", str(path)]),
    "eval": lambda path: Call(eval, python_that_creates(path)),
    "exec": lambda path: Call(exec, python_that_creates(path)),
    "open": lambda path: Call(open, str(path), "w"),
    "getattr": lambda path: Call(getattr, str, "join"),
    "functools.partial": lambda path: functools.partial(os.system, f"touch {path}"),
    "numpy.load": lambda path: Call(np.load, str(path), None, True),
    "numpy.fromfile": lambda path: Call(np.fromfile, str(path)),
    "exceptions": lambda path: ValueError("x"),
    "complex": lambda path: 1j,
    "class": lambda path: pytest.raises,
}
NESTED = {
    "alone": lambda value: value,
    "in a dictionary": lambda value: {"dim": [1, (value,)]},
    "in an array": lambda value: np.array([np.ones(2, "f4"), value, None], object),
    "in an ordered dictionary": lambda value: collections.OrderedDict(a=value),
}


@pytest.mark.parametrize("nested", NESTED)
@pytest.mark.parametrize("name", MALICIOUS)
def test_a_call_is_refused_and_not_made(tmp_path, name, nested):
    path = tmp_path / "made"
    value = NESTED[nested](MALICIOUS[name](path))
    for protocol in PROTOCOLS:
        assert "refused" in error_of(pickle.dumps(value, protocol))
        assert not path.exists()


def test_the_payloads_would_work(tmp_path):
    for name in ("os.system", "subprocess.Popen", "eval", "exec", "open"):
        path = tmp_path / name
        process = pickle.loads(pickle.dumps(MALICIOUS[name](path)))
        if name == "subprocess.Popen":
            process.wait()
        elif name == "open":
            process.close()
        assert path.exists()


def test_the_offending_name_is_told():
    assert f"'{os.name}.system'" in error_of(pickle.dumps(os.system))
    assert "'builtins.eval'" in error_of(pickle.dumps(eval, 4))
    hostile = b"cos\x1b[2J\nsystem\n."
    assert "\x1b" not in error_of(hostile)


HANDMADE = {
    "by INST": (b"(S'touch %s'\nios\nsystem\n.", "names 'os.system'"),
    "by OBJ": (b"(cos\nsystem\nS'touch %s'\no.", "names 'os.system'"),
    "by a dotted name": (
        b"\x80\x04\x8c\x05numpy\x8c\x10ndarray.__base__\x93.",
        "names 'numpy.ndarray.__base__'",
    ),
    "by a module within": (
        b"\x80\x04\x8c\x05numpy\x8c\x09os.system\x93.",
        "names 'numpy.os.system'",
    ),
    "by an extension": (b"\x80\x02\x82\x01.", "unregistered extension"),
    "by a persistent id": (b"Pos.system\n.", "persistent"),
    "an array made by its class": (b"cnumpy\nndarray\n(K\x03tR.", "by its class"),
    "a new object": (
        b"\x80\x02cnumpy\nndarray\nK\x03\x85\x81.",
        "is not a type object",
    ),
    "a changed function": (
        b"\x80\x02cnumpy\nndarray\n}U\x01aK\x01sb.",
        "changes a function",
    ),
    "a changed class": (
        b"\x80\x02cnumpy\ndtype\nN}U\x04codeK\x01s\x86b.",
        "changes a function",
    ),
    "a changed list": (b"\x80\x02]}U\x06appendK\x01sb.", "AttributeError"),
    "a subclass of arrays": (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\n(K\x00tU\x01btR.",
        "a subclass",
    ),
    "another codec": (
        b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x05\x00\x00\x00rot13tR.",
        "'rot13'",
    ),
    "bytes of a length": (
        b"c__builtin__\nbytes\n(J\xff\xff\xff\x7ftR.",
        "takes 0 positional",
    ),
    "another dtype": (
        b"cnumpy\ndtype\n(X\x03\x00\x00\x00S99tR.",
        "dtype 'S99'",
    ),
    "a structured dtype": (
        b"cnumpy\ndtype\n(X\x02\x00\x00\x00f4tR(K\x03U\x01|N]}J\x04\x00\x00\x00K\x01tb.",
        "unusual state",
    ),
    "a changed byte order": (
        b"cnumpy\ndtype\n(X\x02\x00\x00\x00f4tR(K\x03U\x01?NNNtb.",
        "unusual state",
    ),
}


@pytest.mark.parametrize("name", HANDMADE)
def test_handmade_pickles_are_refused(tmp_path, name):
    path = tmp_path / "made"
    content, reason = HANDMADE[name]
    assert reason in error_of(content.replace(b"%s", os.fsencode(path)))
    assert not path.exists()
    # Nothing that other pickles use has changed.
    array = np.arange(3, dtype="f4")
    np.testing.assert_array_equal(loads(pickle.dumps(array)).numpy(), array)


def test_lies_about_the_size_of_an_array_are_refused():
    content = pickle.dumps(np.zeros((5, 7), "<f4"), 2)
    shape = b"K\x05K\x07\x86"
    assert shape in content
    for lie in (b"K\x05K\x08", b"J\xff\xff\xff\xffJ\xdd\xff\xff\xff", b"NK\x23"):
        assert "array of shape" in error_of(content.replace(shape, lie + b"\x86"))
    flags = b"\x89"  # that of Fortran's order
    assert content.count(flags) == 2
    assert "order 'F'" in error_of(b"\x88".join(content.rsplit(flags, 1)))


def test_every_beginning_of_a_pickle_is_an_error():
    value = {"dim": 2400, "x": np.array([np.ones(2, "f4"), None], object)}
    for protocol in (0, 2, 5):
        content = pickle.dumps(value, protocol)
        for length in range(len(content)):
            error_of(content[:length])


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"<html>", b"\x93NUMPY", b"PK", b"."]
)
def test_other_files_are_errors(content):
    assert "cannot be read" in error_of(content)
