r"""Gives an encoder the words of a file of word vectors.

From GloVe or word2vec, text or binary, gzipped or not, to a new encoder:
  python -m skipthoughts expand --encoder=encoder --word_vectors=glove.6B.300d.txt \
      --output=expanded

A linear map from the file's vectors to the encoder's is fitted on the words in both, by
least squares as published. With few of these, --ridge holds it back:
  python -m skipthoughts expand --encoder=encoder --word_vectors=glove.6B.300d.txt \
      --output=expanded --ridge=1
"""

from pathlib import Path

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from skipthoughts.cli.files import readable_file

group("Expansion")
_ENCODER = flags.DEFINE_string(
    "encoder", None, "Directory of a trained encoder; stays as it is.", required=True
)
_WORD_VECTORS = flags.DEFINE_string(
    "word_vectors", None, "File of GloVe or word2vec.", required=True
)
_OUTPUT = flags.DEFINE_string(
    "output", None, "The new encoder's directory.", required=True
)
_RIDGE = flags.DEFINE_float(
    "ridge", 0.0, "Weight of the squared coefficients; 0 as published.", lower_bound=0
)


def main(argv: list[str]) -> None:
    """Expands the encoder that the flags name."""
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r}: expected flags only, as --output=expanded")
    path = readable_file(
        _WORD_VECTORS,
        "a file of GloVe or word2vec, as --word_vectors=glove.6B.300d.txt",
    )
    output = Path(_OUTPUT.value)
    if output.resolve() == Path(_ENCODER.value).resolve():
        raise InputError(
            f"--output={output}: is the encoder itself, which stays as it is; choose "
            "another directory"
        )
    from skipthoughts.encoder import SkipThoughtEncoder
    from skipthoughts.encoder_directory import check_output
    from skipthoughts.words.expansion import expand

    check_output(output)
    encoder = SkipThoughtEncoder.load(_ENCODER.value)
    done = expand(encoder, path, output, ridge=_RIDGE.value)
    explained = ", ".join(f"{part} {r2:.3f}" for part, r2 in done.r2.items())
    print(f"fitted on {done.shared} shared words, R^2: {explained}")
    print(
        f"encoder: {output}, {len(encoder.vocabulary) + done.new} words, "
        f"{done.new} of them new"
    )
    arguments = ("neighbours", "flower", f"--encoder={output}")
    print(f"next: {hints.command('-m skipthoughts', *arguments)}")
