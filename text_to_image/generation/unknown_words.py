"""What to tell of captions with words that the encoder has never seen."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skipthoughts import SkipThoughtEncoder

_SHOWN = 10  # words and captions that are named
_LONGEST = 40  # characters of a word or a caption that are shown


def unknown_words_warnings(
    encoder: "SkipThoughtEncoder", captions: Sequence[str]
) -> list[str]:
    """Returns at most two lines: which words are unknown, and which captions wholly.

    Images are made all the same: the encoder reads one vector for each unknown word.

    Args:
        encoder: knows its vocabulary.
        captions: any sentences; one alone is named.
    """
    name = f"{_cut(captions[0])!r}: " if len(captions) == 1 else ""
    counts: Counter[str] = Counter()
    unread = []
    for caption in captions:
        # Without punctuation marks: known or not, they say nothing of a flower.
        words = {word for word in encoder.tokenize(caption) if _is_word(word)}
        unknown = [word for word in encoder.unknown_words(caption) if word in words]
        counts.update(unknown)
        if len(unknown) == len(words):
            unread.append(repr(_cut(caption)))
    words_named = _first(
        [
            _cut(word) + (f" ({count} times)" if count > 1 else "")
            for word, count in counts.most_common()
        ]
    )
    lines = []
    if counts and not (name and unread):
        lines.append(f"{name}unknown words: {words_named}")
    if unread:
        which = f" ({words_named})" if name and counts else ""
        which = which if name else f" in {_first(unread)}"
        lines.append(
            f"{name}no word that the encoder knows{which}; the images show flowers, "
            "but nothing of this caption"
        )
    return lines


def _first(items: Sequence[str]) -> str:
    more = f" and {len(items) - _SHOWN:,} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_word(token: str) -> bool:
    return any(character.isalnum() for character in token)
