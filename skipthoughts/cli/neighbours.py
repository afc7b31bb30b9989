r"""Prints the words or sentences that an encoder finds alike.

The words whose vectors point most nearly the same way, and the cosines:
  python -m skipthoughts neighbours crimson gazania --encoder=encoder
  python -m skipthoughts neighbours crimson --encoder=encoder --count=20 --part=bi

The lines of a file that are nearest to a sentence:
  python -m skipthoughts neighbours "a red flower" --encoder=encoder \
      --sentences=captions.txt
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from skipthoughts.config import PARTS
from skipthoughts.text_files import read_lines

if TYPE_CHECKING:
    from skipthoughts.encoder import SkipThoughtEncoder

group("Neighbours")
_ENCODER = flags.DEFINE_string(
    "encoder", None, "Directory of an encoder.", required=True
)
_COUNT = flags.DEFINE_integer("count", 10, "Neighbours of each.", lower_bound=1)
_PART = flags.DEFINE_enum(
    "part", None, PARTS, "Whose word vectors; by default those of uni if any."
)
_SENTENCES = flags.DEFINE_string(
    "sentences", "", "Text file, one sentence a line, blank lines skipped."
)


def main(argv: list[str]) -> None:
    """Prints the neighbours of each argument."""
    queries = argv[1:]
    if not queries:
        raise InputError("no words; expected some, as: neighbours crimson gazania")
    if _SENTENCES.value and _PART.value:
        raise InputError(
            f"--part={_PART.value}: is for words; expected none with --sentences"
        )
    lines = read_lines(Path(_SENTENCES.value)) if _SENTENCES.value else []
    from skipthoughts.encoder import SkipThoughtEncoder

    encoder = SkipThoughtEncoder.load(_ENCODER.value)
    if _SENTENCES.value:
        _print_sentences(encoder, queries, lines)
    else:
        _print_words(encoder, queries)


def _print_words(encoder: "SkipThoughtEncoder", words: list[str]) -> None:
    from skipthoughts.words.nearest import nearest_words

    part = _PART.value or encoder.config.parts[0]
    found = [nearest_words(encoder, word, _COUNT.value, part) for word in words]
    for word, neighbours in zip(words, found, strict=True):
        _print(word, neighbours)
    arguments = (f"--encoder={_ENCODER.value}", "--sentences=sentences.txt")
    line = hints.command("-m skipthoughts", "neighbours", words[0], *arguments)
    print(f"next: {line}")


def _print_sentences(
    encoder: "SkipThoughtEncoder", queries: list[str], lines: list[str]
) -> None:
    from skipthoughts.words.nearest import nearest_sentences

    sentences = [line for line in lines if encoder.tokenize(line)]
    for query in queries:
        for word in encoder.unknown_words(query):
            print(f"warning: {word!r} is unknown, read as UNK", file=sys.stderr)
    vectors = encoder.encode(sentences, progress=True)
    for query in queries:
        _print(
            query, nearest_sentences(encoder, query, sentences, _COUNT.value, vectors)
        )
    line = hints.command(
        "-m skipthoughts",
        "encode",
        f"--encoder={_ENCODER.value}",
        f"--input={_SENTENCES.value}",
        "--output=vectors.npy",
    )
    print(f"next: {line}")


def _print(query: str, neighbours: list[tuple[str, float]]) -> None:
    print(query)
    for text, cosine in neighbours:
        print(f"  {cosine:6.3f}  {text}")
