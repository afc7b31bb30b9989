"""What a sentence must be, checked before anything is computed of it."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from foundation.errors import InputError

LONGEST = 10_000  # characters; a caption has some 60
_MOST_WORDS = 1_000  # each takes a step of every recurrence
_WORD = re.compile(r"\w+|[^\w\s]")


def fault_of(sentence: Any) -> str:
    """Returns what is wrong with a sentence, as the end of a line; "" if nothing."""
    if not isinstance(sentence, str):
        kind = type(sentence).__name__
        return f"{str(sentence)[:40]!r} is of type {kind}; expected a sentence, a str"
    if len(sentence) > LONGEST:
        return (
            f"{sentence[:40]!r}… has {len(sentence):,} characters; expected a sentence "
            f"of at most {LONGEST:,}"
        )
    words = sum(1 for _ in _WORD.finditer(sentence)) if len(sentence) > 1000 else 0
    if words > _MOST_WORDS:
        return (
            f"{sentence[:40]!r}… has {words:,} words; expected a sentence of at most "
            f"{_MOST_WORDS:,}"
        )
    if is_blank(sentence):
        return f"{sentence[:40]!r} has no words; expected a sentence"
    return ""


def is_blank(text: str) -> bool:
    """Tells whether a text has nothing that the tokenizer would read.

    White space, control codes, joiners and other invisible characters are not read.
    """
    return not any(
        is_read(c) and not c.isspace() for c in unicodedata.normalize("NFKC", text)
    )


def is_read(character: str) -> bool:
    """Tells text and white space from control codes, joiners and lone surrogates."""
    return character.isspace() or not unicodedata.category(character).startswith("C")


def sentences_of(given: Any, name: str = "caption") -> list[str]:
    """Returns the sentences of an argument that is one sentence or several.

    Args:
        given: a `str`, which is one sentence, or an iterable of them.
        name: of a sentence, for messages.

    Raises:
        InputError: anything else, or a sentence that is blank or too long; by its
            index.
    """
    if isinstance(given, str):
        given = [given]
    elif isinstance(given, bytes) or not isinstance(given, Iterable):
        raise InputError(
            f"{name}s are of type {type(given).__name__}; expected a sentence, or a "
            "list of them"
        )
    sentences = list(given)
    for index, sentence in enumerate(sentences):
        if fault := fault_of(sentence):
            raise InputError(f"{name} {index}: {fault}")
    return sentences
