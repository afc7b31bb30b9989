"""Reads text files: lines, captions of images, and the sentences of prose."""

from collections.abc import Sequence
from pathlib import Path

from foundation.errors import InputError


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a text file; Unicode's own line separators end none.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is empty.
    """
    return _read(path).removesuffix("\n").split("\n")


def read_groups(path: Path) -> list[list[str]]:
    """Reads captions, one a line, blank lines between the groups.

    Raises:
        InputError: the file cannot be read, or has no caption.
    """
    groups: list[list[str]] = [[]]
    for line in read_lines(path):
        if line.strip():
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
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a text file"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start} is not UTF-8; convert it with: "
            f"iconv -f latin1 -t utf-8 {path}"
        ) from error
    if not text:
        raise InputError(f"{path}: empty; expected text")
    return text.replace("\r\n", "\n")
