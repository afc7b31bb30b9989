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
        The tokens in order; none for text without any printable character.
    """
    text = unicodedata.normalize("NFKC", text)
    return _TOKEN.findall(text.lower() if lowercase else text)
