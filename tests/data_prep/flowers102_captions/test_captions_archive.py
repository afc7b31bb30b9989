import pytest

from data_prep.flowers102_captions.captions_archive import read_captions_archive
from foundation.errors import InputError

FILE = "text_c10/class_00003/image_00001.txt"


@pytest.fixture
def read(archives, tmp_path):
    """Returns the function that reads an archive with some files replaced."""
    return lambda **texts: read_captions_archive(
        archives(tmp_path, texts=texts.get("texts", ())) / "cvpr2016_flowers.tar.gz"
    )


def test_captions_classes_and_splits(read):
    archive = read()
    assert archive.captions[5] == [f"Flower 5, seen {i} time(s)." for i in range(3)]
    assert archive.classes == {1: 3, 2: 1, 3: 4, 4: 2, 5: 3, 6: 4, 7: 1, 8: 2, 9: 3}
    assert archive.splits == {"train": {3, 4}, "validation": {2}, "test": {1}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"A Rose.\nred\n", ["A Rose.", "red"]),
        (b"a rose\r\n\r\nred", ["a rose", "red"]),
        (b"a rose\r\rred\r", ["a rose", "red"]),
        (b"\xef\xbb\xbfa rose\n  \n\t red \n\n", ["a rose", "red"]),
        ("une flûte \N{CHERRY BLOSSOM}\u2028yes\n".encode(), ["une flûte 🌸\u2028yes"]),
        (b"\n \r\n", []),
        (b"", []),
    ],
    ids=["unix", "windows", "old mac", "mark and blanks", "unicode", "blank", "empty"],
)
def test_a_caption_a_line_however_lines_end(read, content, expected):
    assert read(texts={FILE: content}).captions[1] == expected


def test_a_byte_that_is_not_utf8_is_named_by_file_and_line(read):
    for mark in (b"", b"\xef\xbb\xbf"):
        content = mark + b"a rose\r\n\r\n\xfbte\n"
        with pytest.raises(InputError, match=rf"{FILE} line 3 is not UTF-8"):
            read(texts={FILE: content})


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"trainclasses.txt": None}, "2 class lists"),
        ({"trainclasses.txt": b"class_00003\nroses\n"}, "'roses'.*'class_00041'"),
        ({"valclasses.txt": b"\n"}, "valclasses.txt has ''"),
        ({"testclasses.txt": b"class_00003"}, "class 3 is in train and test"),
        ({f"copy/{FILE}": b"again"}, "captions of image 1 twice"),
    ],
    ids=["no list", "odd class", "empty list", "shared class", "twice"],
)
def test_an_archive_of_another_make_is_refused(read, texts, message):
    with pytest.raises(InputError, match=message):
        read(texts=texts)
