"""Text files: lines, groups of captions, sentences of prose."""

import pytest

from foundation.errors import InputError
from skipthoughts.text_files import read_groups, read_lines, read_prose

CAPTIONS = "a red flower\nred petals\n\n\na blue flower\nthe petals are blue\n\n"


def test_groups_are_parted_by_blank_lines(tmp_path):
    path = tmp_path / "captions.txt"
    path.write_bytes(b"\xef\xbb\xbf\n" + CAPTIONS.encode() + "x\u2028y".encode())
    assert read_groups(path) == [
        ["a red flower", "red petals"],
        ["a blue flower", "the petals are blue"],
        ["x\u2028y"],
    ]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"caf\xe9\n"])
def test_files_without_captions_are_refused(tmp_path, content):
    path = tmp_path / "captions.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"captions\.txt"):
        read_groups(path)


def test_lines_end_at_line_feeds_only(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_bytes("one\r\ntwo\u2028still two\n\nfour\n".encode())
    assert read_lines(path) == ["one", "two\u2028still two", "", "four"]


def test_prose_is_split_into_sentences(tmp_path):
    (tmp_path / "b.txt").write_text(
        "Dr. Smith met Mr.\nJones. He left!\n\nA title\n\nEnd"
    )
    (tmp_path / "a.txt").write_text("\ufeffOne. Two?", "utf-8")
    (tmp_path / "notes.md").write_text("Not prose.")
    assert read_prose([tmp_path]) == [
        ["One.", "Two?"],
        ["Dr. Smith met Mr. Jones.", "He left!", "A title", "End"],
    ]


def test_folder_without_text_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no \.txt files"):
        read_prose([tmp_path])
