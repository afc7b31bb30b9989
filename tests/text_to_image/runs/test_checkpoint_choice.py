"""How a user names a checkpoint."""

from pathlib import Path

import pytest

from foundation.errors import InputError
from text_to_image.runs.checkpoint_choice import parse_checkpoint


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("best", "best"), ("latest", "latest"), ("0", 0), ("2000", 2000)],
)
def test_choice(text, expected):
    assert parse_checkpoint(text) == expected


@pytest.mark.parametrize("end", ["", ".index", ".data-00000-of-00001"])
def test_path(end):
    assert parse_checkpoint(f"runs/a/ckpt-20{end}") == Path("runs/a/ckpt-20")


@pytest.mark.parametrize(
    "text",
    [
        *("Best", "bests", "-1", "1.5", " 1", "\u0663", "1\n", "/", "."),
        *("ckpt-", "runs/ckpt-2.txt", "ckpt-2\n", "ckpt-\u0663"),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(InputError, match="expected best, latest, or the step"):
        parse_checkpoint(text)
