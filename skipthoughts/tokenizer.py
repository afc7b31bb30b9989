"""Splits a sentence into tokens, in one of two ways.

`words`, the default of what is trained here: words and punctuation marks. `treebank`:
that of the original release, whose words were split by the Penn Treebank's rules.
"""

import re
import unicodedata
from functools import cache

from skipthoughts.sentence_check import is_read

JOINERS = "'\u2019-"  # between parts of one word
_TOKEN = re.compile(rf"\w+(?:[{JOINERS}]\w+)*|[^\w\s]")


def tokenize(text: str, lowercase: bool = True, tokenizer: str = "words") -> list[str]:
    """Splits a sentence into words and punctuation marks.

    Args:
        text: any text.
        lowercase: the captions of Reed et al. mix cases without meaning by it.
        tokenizer: "words": words with inner apostrophes or hyphens stay whole;
            "treebank": don't becomes do n't, and a text of several sentences is split
            into them first, as in the original release.

    Returns:
        The tokens in order, none of them with white space within; no token for text
        without any printable character.
    """
    text = unicodedata.normalize("NFKC", text) if tokenizer == "words" else text
    if not text.isprintable():  # rare, and the next line is slow
        text = "".join(filter(is_read, text))
    if lowercase:
        text = text.lower()
    return _TOKEN.findall(text) if tokenizer == "words" else _treebank(text)


def _treebank(text: str) -> list[str]:
    split_sentences, split_words = _nltk()
    tokens = [t for sentence in split_sentences(text) for t in split_words(sentence)]
    return " ".join(tokens).split()  # as published: no white space within a token


@cache
def _nltk():
    """NLTK's splitters; imported on first use, since they take a second."""
    from nltk.tokenize import NLTKWordTokenizer

    from skipthoughts.sentences import english_splitter

    return english_splitter().tokenize, NLTKWordTokenizer().tokenize
