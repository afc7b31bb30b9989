"""Reads captions and class lists from the archive of Reed et al., in memory.

Nothing is extracted: members are read by name, and only those that the format has.
"""

import dataclasses
import re
import tarfile
from collections import defaultdict
from pathlib import Path

from skipthoughts.errors import InputError

FILE_NAME = "cvpr2016_flowers.tar.gz"
SPLITS = {
    "train": "trainclasses.txt",
    "validation": "valclasses.txt",
    "test": "testclasses.txt",
}

_CAPTIONS = re.compile(r"(?:.*/)?text_c10/class_(\d{5})/image_(\d{5})\.txt")
_CLASSES = re.compile(r"(?:.*/)?((?:train|val|test)classes\.txt)")
_MAX_BYTES = 1 << 20  # of one member; real ones have about 1,000
_MAX_MEMBERS = 200_000


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
        InputError: it is not such an archive, a caption file is not UTF-8 or empty, or
            the splits share a class.
    """
    captions: dict[int, list[str]] = {}
    classes: dict[int, int] = {}
    lists: dict[str, frozenset[int]] = {}
    for name, content in _text_members(path):
        if match := _CAPTIONS.fullmatch(name):
            image = int(match[2])
            if image in captions:
                raise InputError(f"{path}: image {image} twice; expected once")
            captions[image] = _lines(content)
            classes[image] = int(match[1])
            if not captions[image]:
                raise InputError(
                    f"{path}: {name} has no captions; expected at least one line"
                )
        elif match := _CLASSES.fullmatch(name):
            numbers = (int(line.rpartition("_")[2]) for line in _lines(content))
            lists[match[1]] = frozenset(numbers)
    missing = [file for file in SPLITS.values() if file not in lists]
    if missing or not captions:
        raise InputError(
            f"{path}: {len(captions)} caption files and no {', '.join(missing)}; "
            "expected text_c10/class_*/image_*.txt and the class lists of Reed et al."
        )
    splits = {split: lists[file] for split, file in SPLITS.items()}
    _check_disjoint(splits, path)
    return CaptionsArchive(captions, classes, splits)


def _text_members(path: Path):
    """Yields name and text of the members that are plain small text files."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for count, member in enumerate(archive):
                if count > _MAX_MEMBERS:
                    raise InputError(
                        f"{path}: more than {_MAX_MEMBERS:,} members; expected 8,300"
                    )
                if not (
                    _CAPTIONS.fullmatch(member.name) or _CLASSES.fullmatch(member.name)
                ):
                    continue
                if not member.isreg() or member.size > _MAX_BYTES:
                    raise InputError(
                        f"{path}: member {member.name} is not a text file of at most "
                        f"{_MAX_BYTES:,} bytes, as expected"
                    )
                content = archive.extractfile(member).read()
                try:
                    yield member.name, content.decode("utf-8-sig")
                except UnicodeDecodeError as error:
                    line = content[: error.start].count(b"\n") + 1
                    raise InputError(
                        f"{path}: {member.name} line {line} is not UTF-8, as expected"
                    ) from error
    except (tarfile.TarError, OSError, EOFError) as error:
        raise InputError(f"{path}: not a readable archive ({error})") from error


def _lines(text: str) -> list[str]:
    """Returns the lines that are not blank, without surrounding space."""
    return [line.strip() for line in text.split("\n") if line.strip()]


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
