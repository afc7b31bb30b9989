"""Words and sentences that an encoder finds alike, by the cosine of their vectors."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from foundation import hints
from foundation.errors import InputError
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.vocabulary import EOS, UNKNOWN
from skipthoughts.word_table import blocks_of
from skipthoughts.words.directions import directions

_BLOCK = 1 << 24  # bytes of the table at a time


def nearest_words(
    encoder: SkipThoughtEncoder, word: str, count: int = 10, part: str = "uni"
) -> list[tuple[str, float]]:
    """Returns the words whose vectors point most nearly where that of `word` does.

    Args:
        encoder: whose table is searched.
        word: a word it knows; not in the result, nor are `<eos>` and `UNK`.
        count: the most words.
        part: the table: "uni" or "bi".

    Returns:
        Words and cosines, the nearest first.

    Raises:
        InputError: the encoder does not know the word, or has no such part.
    """
    tables = {part.name: part.words for part in encoder.parts}
    if part not in tables:
        raise InputError(
            f"part={part}: not in this encoder; expected one of {', '.join(tables)}"
        )
    vocabulary = encoder.vocabulary
    row = vocabulary.rows([_known(encoder, word)])[0]
    skipped = {row, *vocabulary.rows([EOS, UNKNOWN])}
    nearest = nearest_rows(tables[part], tables[part][row], count, skipped)
    return [(vocabulary.words[row], cosine) for row, cosine in nearest]


def nearest_sentences(
    encoder: SkipThoughtEncoder,
    query: str,
    sentences: Sequence[str],
    count: int = 10,
    vectors: np.ndarray | None = None,
) -> list[tuple[str, float]]:
    """Returns the sentences whose vectors point most nearly where that of `query` does.

    Args:
        encoder: what reads them.
        query: a sentence; not in the result.
        sentences: those to choose from; equal ones are one.
        count: the most sentences.
        vectors: float `[N, dim]` of `sentences`, where they are known already.

    Returns:
        Sentences and cosines, the nearest first.

    Raises:
        InputError: a text without any token.
    """
    vector = encoder.encode_one(query)
    if vectors is None:
        vectors = encoder.encode(sentences)
    first = {sentence: i for i, sentence in reversed(list(enumerate(sentences)))}
    skipped = set(range(len(sentences))).difference(first.values())
    skipped |= {first[query]} if query in first else set()
    nearest = nearest_rows(vectors, vector, count, skipped)
    return [(sentences[row], cosine) for row, cosine in nearest]


def nearest_rows(
    table: np.ndarray, vector: np.ndarray, count: int, skipped: Collection[int] = ()
) -> list[tuple[int, float]]:
    """Returns up to `count` rows of a table by their cosine to a vector.

    Args:
        table: float `[V, W]`, perhaps memory-mapped.
        vector: float `[W]`.
        count: the most rows.
        skipped: rows that are left out.

    Returns:
        Rows and cosines, the nearest first, equal ones in the table's order.
    """
    rows, cosines = np.empty(0, int), np.empty(0, np.float32)
    left_out = np.fromiter(skipped, int, len(skipped))
    for start, block in cosine_blocks(table, vector[None]):
        some = np.arange(start, start + block.shape[1])
        kept = ~np.isin(some, left_out)
        rows = np.append(rows, some[kept])
        cosines = np.append(cosines, block[0, kept])
        best = np.lexsort((rows, -cosines))[:count]
        rows, cosines = rows[best], cosines[best]
    return list(zip(rows.tolist(), cosines.tolist(), strict=True))


def cosine_blocks(
    table: np.ndarray, vectors: np.ndarray, block: int = _BLOCK
) -> Iterator[tuple[int, np.ndarray]]:
    """Yields the cosines of vectors to a table, some rows at a time.

    Args:
        table: float `[V, W]`, perhaps memory-mapped.
        vectors: float `[n, W]`.
        block: bytes of the table at a time, at least a row.

    Yields:
        The first row of the block, and float `[n, rows]`; 0 to a vector of zeros.
    """
    towards = directions(vectors)
    for start, rows in blocks_of(table, block):
        yield start, towards @ directions(rows).T


def _known(encoder: SkipThoughtEncoder, word: str) -> str:
    """Returns `word` as the vocabulary has it."""
    tokens = [word] if word in encoder.vocabulary else encoder.tokenize(word)
    if len(tokens) != 1:
        raise InputError(f"{word!r}: is {len(tokens)} words, expected one")
    if tokens[0] not in encoder.vocabulary:
        files = ("--word_vectors=glove.txt", "--output=DIR")
        raise InputError(
            f"{word!r}: not among the {len(encoder.vocabulary)} words that the encoder "
            "knows; give it more: "
            + hints.command("-m skipthoughts", "expand", "--encoder=DIR", *files)
        )
    return tokens[0]
