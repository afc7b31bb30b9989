"""Words to rows of the embedding, and their file."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from foundation.atomic import write_bytes
from foundation.boundary import MEBIBYTE, load_bytes, reading
from foundation.errors import InputError
from skipthoughts.tokenizer import JOINERS

_MOST = 256 * MEBIBYTE  # bytes of a file; that of the original has 8
_JOINER = re.compile(f"[{JOINERS}]")
EOS, UNKNOWN = "<eos>", "UNK"  # rows 0 and 1 of what is trained, as published


class Vocabulary:
    """Words and their rows.

    Args:
        words: all words in the order of their rows; of equal ones the last counts, as
            in the published code.

    Raises:
        InputError: a special word is missing.
    """

    def __init__(self, words: Sequence[str]):
        self.words = list(words)
        self._rows = {word: row for row, word in enumerate(self.words)}
        for special in (EOS, UNKNOWN):
            if special not in self._rows:
                raise InputError(
                    f"vocabulary of {len(self)} words lacks {special}; expected one "
                    "that an encoder was trained with"
                )

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]], size: int) -> "Vocabulary":
        """Takes the most frequent tokens; ties in alphabetical order.

        Args:
            sentences: tokenised sentences.
            size: the most rows, the two special ones included.
        """
        counts = Counter(token for sentence in sentences for token in sentence)
        for special in (EOS, UNKNOWN):
            counts.pop(special, None)
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls([EOS, UNKNOWN, *ranked[: size - 2]])

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Reads a file of one word a line; line i is row i.

        Raises:
            InputError: it is missing or not UTF-8.
        """
        with reading(path, "one word a line in UTF-8"):
            # Not splitlines(): words may hold Unicode's own line separators.
            lines = load_bytes(path, _MOST).removesuffix(b"\n").split(b"\n")
            return cls([line.decode("utf-8") for line in lines])

    def save(self, path: Path) -> None:
        """Writes the file that `load` reads."""
        write_bytes(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """Returns the content of the file."""
        return "".join(f"{word}\n" for word in self.words).encode("utf-8")

    def rows(self, tokens: Sequence[str]) -> list[int]:
        """Returns the row of each token; that of `UNK` for unknown ones."""
        unknown = self._rows[UNKNOWN]
        return [self._rows.get(token, unknown) for token in tokens]

    def in_parts(self, tokens: Sequence[str]) -> list[str]:
        """Replaces each compound without a row by those of its parts that have one.

        `long-petaled` becomes `long petaled` where only these were seen in training,
        and `it's` becomes `it`. A token without any known part stays as it is.
        """
        result: list[str] = []
        for token in tokens:
            parts = [token]
            if token not in self._rows:
                parts = [p for p in _JOINER.split(token) if p in self._rows] or parts
            result += parts
        return result

    def unknown(self, tokens: Sequence[str]) -> list[str]:
        """Returns the tokens that have no row, each once, in order."""
        return list(dict.fromkeys(t for t in tokens if t not in self._rows))

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def __len__(self) -> int:
        return len(self.words)
