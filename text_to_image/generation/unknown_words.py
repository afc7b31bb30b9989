"""What to tell of a caption with words that the encoder has never seen."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skipthoughts import SkipThoughtEncoder


def unknown_words_warning(encoder: "SkipThoughtEncoder", caption: str) -> str:
    """Returns a line that names the unknown words of a caption; empty without any.

    An image is made all the same: the encoder reads one vector for each of them.

    Args:
        encoder: knows its vocabulary.
        caption: any sentence.
    """
    # Without punctuation marks: known or not, they say nothing of a flower.
    words = {word for word in encoder.tokenize(caption) if _is_word(word)}
    unknown = [word for word in encoder.unknown_words(caption) if word in words]
    if len(unknown) < len(words):
        return f"{caption!r}: unknown words: {', '.join(unknown)}" if unknown else ""
    named = f" ({', '.join(unknown)})" if unknown else ""
    return (
        f"{caption!r}: no word that the encoder knows{named}; the images show "
        "flowers, but nothing of this caption"
    )


def _is_word(token: str) -> bool:
    return any(character.isalnum() for character in token)
