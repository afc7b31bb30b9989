r"""Turns lines of text into vectors.

From a text file with one sentence a line to float32 [lines, dim], in the same order:
  python -m skipthoughts encode --encoder=encoder --input=sentences.txt \
      --output=vectors.npy

Beginnings and ends that sentences share are computed once; --memory_mb bounds what that
takes in addition to the result.
"""

import sys
from pathlib import Path

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from skipthoughts.cli.files import writable_file
from skipthoughts.text_files import read_sentences

group("Encoding")
_ENCODER = flags.DEFINE_string(
    "encoder", None, "Directory of an encoder.", required=True
)
_INPUT = flags.DEFINE_string(
    "input", None, "Text file, one sentence a line.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "The .npy file.", required=True)
_MEMORY = flags.DEFINE_integer(
    "memory_mb", 1024, "Memory in addition to the result, about.", lower_bound=1
)


def main(argv: list[str]) -> None:
    """Encodes the file that the flags name."""
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r}: expected flags only, as --input=sentences.txt")
    sentences = read_sentences(Path(_INPUT.value))
    output = writable_file(_OUTPUT, "vectors.npy")
    import numpy as np

    from foundation.atomic import new_file
    from skipthoughts.encoder import SkipThoughtEncoder

    encoder = SkipThoughtEncoder.load(_ENCODER.value)
    try:
        vectors = encoder.encode(sentences, progress=True, memory=_MEMORY.value << 20)
    except InputError as error:
        raise InputError(f"{_INPUT.value}: {error}") from error
    unknown = sum(bool(encoder.unknown_words(sentence)) for sentence in sentences)
    if unknown:
        print(
            f"warning: {unknown} of {len(sentences)} sentences have words that the "
            "encoder does not know and reads as UNK",
            file=sys.stderr,
        )
    with new_file(output) as file:
        np.save(file, vectors, allow_pickle=False)
    print(f"vectors: {output}, float32 {list(vectors.shape)}")
    line = hints.command(
        "-m skipthoughts",
        "neighbours",
        "a red flower",
        f"--encoder={_ENCODER.value}",
        f"--sentences={_INPUT.value}",
    )
    print(f"next: {line}")
