"""Reads captions and class lists from the archive of Reed et al., in memory.

A caption file has one caption a line; the original ones ten, with capitals, punctuation
and now and then a blank line.
"""

import dataclasses
import re
from collections import defaultdict
from pathlib import Path

from data_prep.flowers102_captions.tar_members import tar_members
from foundation.errors import InputError
from skipthoughts.sentence_check import fault_of, is_blank

FILE_NAME = "cvpr2016_flowers.tar.gz"
SPLITS = {
    "train": "trainclasses.txt",
    "validation": "valclasses.txt",
    "test": "testclasses.txt",
}

_TEXT = re.compile(
    r"(?:.*/)?(?:text_c10/class_(?P<class>\d{5})/image_(?P<image>\d{5})\.txt"
    r"|(?P<list>(?:train|val|test)classes\.txt))"
)
_CLASS = re.compile(r"class_\d{5}")
_LINE_END = re.compile(r"\r\n|\r|\n")  # not what str.splitlines takes for one
_MAX_BYTES = 1 << 20  # of one member; real ones have about 1,000


@dataclasses.dataclass(frozen=True)
class CaptionsArchive:
    """The content of the archive.

    Attributes:
        captions: image number (from 1) -> its captions.
        classes: image number -> its class (from 1).
        splits: split -> its classes.
    """

    captions: dict[int, list[str]]
    classes: dict[int, int]
    splits: dict[str, frozenset[int]]


def read_captions_archive(path: Path) -> CaptionsArchive:
    """Reads the archive.

    Args:
        path: of `cvpr2016_flowers.tar.gz`.

    Raises:
        InputError: it is not such an archive, a text in it is not UTF-8, or a class
            list is empty or shares a class with another.
    """
    captions: dict[int, list[str]] = {}
    classes: dict[int, int] = {}
    lists: dict[str, frozenset[int]] = {}
    for match, content in tar_members(path, _TEXT, _MAX_BYTES):
        text = _decoded(content, f"{path}: {match[0]}")
        if match["list"]:
            lists[match["list"]] = _class_numbers(text, f"{path}: {match[0]}")
            continue
        image = int(match["image"])
        if image in captions:
            raise InputError(f"{path}: captions of image {image} twice; expected once")
        captions[image] = _captions(text, f"{path}: {match[0]}")
        classes[image] = int(match["class"])
    missing = [file for file in SPLITS.values() if file not in lists]
    if missing or not captions:
        raise InputError(
            f"{path}: {len(captions)} caption files and {len(lists)} class lists; "
            "expected text_c10/class_*/image_*.txt and the 3 lists of Reed et al."
        )
    splits = {split: lists[file] for split, file in SPLITS.items()}
    _check_disjoint(splits, path)
    return CaptionsArchive(captions, classes, splits)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(_LINE_END.split(error.object[: error.start].decode()))
        raise InputError(
            f"{name} line {line} is not UTF-8, as expected; convert the file"
        ) from error


def _captions(text: str, name: str) -> list[str]:
    captions = _lines(text)
    for caption in captions:
        if fault := fault_of(caption):
            raise InputError(f"{name}: {fault}")
    return captions


def _lines(text: str) -> list[str]:
    """Returns the lines that are not blank, without surrounding space."""
    return [line.strip() for line in _LINE_END.split(text) if not is_blank(line)]


def _class_numbers(text: str, name: str) -> frozenset[int]:
    lines = _lines(text)
    for line in lines or [""]:
        if not _CLASS.fullmatch(line):
            raise InputError(f"{name} has {line!r}; expected lines as 'class_00041'")
    return frozenset(int(line.rpartition("_")[2]) for line in lines)


def _check_disjoint(splits: dict[str, frozenset[int]], path: Path) -> None:
    owner: dict[int, str] = defaultdict(str)
    for split, classes in splits.items():
        for number in classes:
            if owner[number]:
                raise InputError(
                    f"{path}: class {number} is in {owner[number]} and {split}; "
                    "expected class-disjoint splits"
                )
            owner[number] = split
