"""Splits a sentence into tokens."""

import re
import unicodedata

_TOKEN = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]")


def tokenize(text: str, lowercase: bool = True) -> list[str]:
    """Splits a sentence into words and punctuation marks.

    Args:
        text: any text; words with inner apostrophes or hyphens stay whole.
        lowercase: the captions of Reed et al. mix cases without meaning by it.

    Returns:
        The tokens in order, none of them with white space within; no token for text
        without any printable character.
    """
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():  # rare, and the next line is slow
        text = "".join(filter(_is_read, text))
    return _TOKEN.findall(text.lower() if lowercase else text)


def _is_read(character: str) -> bool:
    """Tells text and white space from control codes, joiners and lone surrogates."""
    return character.isspace() or not unicodedata.category(character).startswith("C")
