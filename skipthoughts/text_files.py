"""Reads text files: lines, captions of images, and the sentences of prose."""

from collections.abc import Sequence
from pathlib import Path

from foundation.boundary import read_text
from foundation.errors import InputError
from skipthoughts.sentence_check import fault_of, is_blank

_MOST = 1 << 33  # bytes of a text; the largest corpora have a few GB


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a text file; Unicode's own line separators end none.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is empty.
    """
    return _read(path).removesuffix("\n").split("\n")


def read_sentences(path: Path) -> list[str]:
    """Reads a sentence from every line of a text file.

    Raises:
        InputError: as `read_lines`; or a line is blank or too long, by its number.
    """
    sentences = read_lines(path)
    for number, sentence in enumerate(sentences, start=1):
        if fault := fault_of(sentence):
            raise InputError(f"{path}: line {number}: {fault}")
    return sentences


def read_groups(path: Path) -> list[list[str]]:
    """Reads captions, one a line, blank lines between the groups.

    Raises:
        InputError: the file cannot be read, or has no caption.
    """
    groups: list[list[str]] = [[]]
    for number, line in enumerate(read_lines(path), start=1):
        if not is_blank(line):
            if fault := fault_of(line):
                raise InputError(f"{path}: line {number}: {fault}")
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    if not groups:
        raise InputError(f"{path}: has no captions; expected one a line")
    return groups


def read_prose(paths: Sequence[Path]) -> list[list[str]]:
    """Reads running text: the sentences of each file in order.

    Paragraphs end at blank lines and sentences with them; the abbreviations that end no
    sentence are learnt from all files (`sentences.py`).

    Args:
        paths: text files, or folders whose `.txt` files are taken in the order of
            their names.

    Raises:
        InputError: a file cannot be read, or a folder has no `.txt` file.
    """
    from skipthoughts.sentences import trained_splitter

    texts = [_read(path) for path in _expanded(paths)]
    splitter = trained_splitter(texts)
    documents = []
    for text in texts:
        paragraphs = (" ".join(p.split()) for p in text.split("\n\n"))
        documents.append(
            [s for p in paragraphs if p for s in splitter.tokenize(p)],
        )
    return documents


def _expanded(paths: Sequence[Path]) -> list[Path]:
    files = []
    for path in paths:
        found = sorted(path.glob("*.txt")) if path.is_dir() else [path]
        if not found:
            raise InputError(f"{path}: has no .txt files; expected plain text")
        files += found
    return files


def _read(path: Path) -> str:
    text = read_text(path, "a text file", most=_MOST)
    if not text:
        raise InputError(f"{path}: empty; expected text")
    return text
