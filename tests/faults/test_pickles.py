"""Pickles that would end the process, or fill the memory, are refused in one line."""

import io
import pickle

import pytest

from foundation.errors import InputError
from skipthoughts.release import restricted_unpickler

DEEP = 100_000
NESTED = b"(t" + b"\x85" * DEEP  # a tuple in a tuple, 100,000 deep
PICKLES = {
    "a deep key": b"\x80\x02}" + NESTED + b"K\x01s.",
    "a deep key among others": b"\x80\x02}(K\x01K\x02" + NESTED + b"K\x01u.",
    "a deep key of a dictionary by mark": b"(" + NESTED + b"I1\nd.",
    "a deep member of a frozenset": b"\x80\x04(" + NESTED + b"\x91.",
    "a deep member of a set": b"\x80\x04\x8f(" + NESTED + b"\x90.",
    "a deep member of set()": b"\x80\x02cbuiltins\nset\n](" + NESTED + b"e\x85R.",
    "a list as key": b"\x80\x02}]K\x01s.",
    "a claim of 2**60 bytes": b"\x80\x04\x8e" + (2**60).to_bytes(8, "little") + b"x.",
    "a claim of 2**31 bytes": b"\x80\x02T" + (2**31 - 1).to_bytes(4, "little") + b"x.",
    "a number of 5,000 digits": b"I" + b"9" * 5000 + b"\n.",
    "a memo that is not there": b"\x80\x02h\x07.",
    "nothing on the stack": b"\x80\x020.",
    "nothing": b"",
}


@pytest.mark.parametrize("content", PICKLES.values(), ids=PICKLES)
def test_one_line_and_no_signal(content):
    with pytest.raises(InputError, match=r"^x\.pkl: cannot be read") as error:
        restricted_unpickler.load(io.BytesIO(content), "x.pkl")
    assert len(str(error.value)) < 400


def test_lists_that_double_are_not_written_out():
    """Each list holds the one before twice: 2**60 elements where it is printed."""
    doubled = ["x"]
    for _ in range(60):
        doubled = [doubled, doubled]
    content = pickle.dumps(doubled, 2)
    found = restricted_unpickler.load(io.BytesIO(content), "x.pkl")
    assert found[0] is found[1]
    as_dtype = b"\x80\x02cnumpy\ndtype\n" + content[2:-1] + b"\x85R."
    with pytest.raises(InputError, match="dtype"):
        restricted_unpickler.load(io.BytesIO(as_dtype), "x.pkl")


def test_plain_values_are_read_as_they_are():
    values = {"a": [1, 2.5, None, True, "\u00fc"], 3: ({"x", 1}, b"y")}
    for protocol in range(6):
        content = io.BytesIO(pickle.dumps(values, protocol))
        found = restricted_unpickler.load(content, "x.pkl")
        assert found == values, protocol
