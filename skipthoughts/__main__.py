r"""Trains a skip-thought encoder, and turns sentences into vectors with it.

From a text file with one caption a line and a blank line between images:
  python -m skipthoughts train --captions=captions.txt --output=encoder

Smaller and faster, with another seed:
  python -m skipthoughts train --captions=captions.txt --output=encoder \
      --dim=128 --word_dim=64 --steps=200 --seed=1

From a text file with one sentence a line to float32 [lines, dim], in the same order:
  python -m skipthoughts encode --encoder=encoder --input=sentences.txt \
      --output=vectors.npy
"""

import io
import os
import sys
from pathlib import Path

from absl import flags

from skipthoughts.config import KINDS, EncoderConfig, TrainingConfig
from skipthoughts.errors import InputError, run

_DEFAULT = TrainingConfig()
_CAPTIONS = flags.DEFINE_string(
    "captions", "", "train: text, one caption a line, a blank line between images."
)
_OUTPUT = flags.DEFINE_string(
    "output", "", "train: the encoder's directory. encode: the .npy file."
)
_KIND = flags.DEFINE_enum(
    "kind",
    _DEFAULT.encoder.kind,
    KINDS,
    "train: a forward GRU, a forward and a backward one, or both models.",
)
_DIM = flags.DEFINE_integer(
    "dim",
    _DEFAULT.encoder.dim,
    "train: dimensions of uni and of bi; combine has twice as many.",
)
_WORD_DIM = flags.DEFINE_integer(
    "word_dim", _DEFAULT.encoder.word_dim, "train: of the word vectors."
)
_VOCABULARY_SIZE = flags.DEFINE_integer(
    "vocabulary_size",
    _DEFAULT.vocabulary_size,
    "train: the most words, <eos> and UNK included.",
)
_STEPS = flags.DEFINE_integer(
    "steps", _DEFAULT.steps, "train: updates (of uni and bi each)."
)
_BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", _DEFAULT.batch_size, "train: captions an update."
)
_LEARNING_RATE = flags.DEFINE_float(
    "learning_rate", _DEFAULT.learning_rate, "train: that of Adam."
)
_SEED = flags.DEFINE_integer("seed", _DEFAULT.seed, "train: of everything random.")
_ENCODER = flags.DEFINE_string("encoder", "", "encode: directory of an encoder.")
_INPUT = flags.DEFINE_string("input", "", "encode: text, one sentence a line.")

_TRAINING = (_KIND, _DIM, _WORD_DIM, _VOCABULARY_SIZE, _STEPS, _BATCH_SIZE)
_FLAGS = {
    "train": (_CAPTIONS, _OUTPUT, *_TRAINING, _LEARNING_RATE, _SEED),
    "encode": (_ENCODER, _INPUT, _OUTPUT),
}


def main(argv: list[str]) -> None:
    """Runs the command that the first argument names."""
    commands = {"train": _train, "encode": _encode}
    if len(argv) != 2 or argv[1] not in commands:
        raise InputError(
            f"{' '.join(argv[1:]) or 'no command'}: expected train or encode; for "
            "examples: python -m skipthoughts --help"
        )
    _check_flags(argv[1])
    commands[argv[1]]()


def _check_flags(command: str) -> None:
    """Refuses a flag of the other command, which would do nothing, and a lacking one.

    Raises:
        InputError: names the flag.
    """
    used = _FLAGS[command]
    names = {flag.name for flag in used}
    for flag in (*_FLAGS["train"], *_FLAGS["encode"]):
        if flag.present and flag.name not in names:
            raise InputError(f"--{flag.name}: not a flag of {command}; leave it out")
    for flag in used:
        if flag.value == "":
            raise InputError(
                f"{command} lacks --{flag.name}=…; for examples: "
                "python -m skipthoughts --help"
            )


def _train() -> None:
    groups = read_groups(Path(_CAPTIONS.value))
    # After the mistakes that are found at once: these take seconds.
    from skipthoughts.encoder import check_output
    from skipthoughts.training import train

    config = TrainingConfig(
        encoder=EncoderConfig(
            kind=_KIND.value, dim=_DIM.value, word_dim=_WORD_DIM.value
        ),
        vocabulary_size=_VOCABULARY_SIZE.value,
        steps=_STEPS.value,
        batch_size=_BATCH_SIZE.value,
        learning_rate=_LEARNING_RATE.value,
        seed=_SEED.value,
    )
    check_output(_OUTPUT.value)
    encoder = train(groups, config)
    encoder.save(_OUTPUT.value)
    print(
        f"encoder: {_OUTPUT.value}, {encoder.dim} dimensions, "
        f"{len(encoder.vocabulary)} words, id {encoder.id[:12]}"
    )
    print(
        f"next: python -m skipthoughts encode --encoder={_OUTPUT.value} "
        "--input=sentences.txt --output=vectors.npy"
    )


def _encode() -> None:
    sentences = read_lines(Path(_INPUT.value))
    output = Path(_OUTPUT.value)
    if output.is_dir() or not os.access(output.parent, os.W_OK):
        raise InputError(
            f"--output={output}: cannot be written; expected a file in a directory "
            "that is there, as --output=vectors.npy"
        )
    import numpy as np

    from skipthoughts.atomic import write_bytes
    from skipthoughts.encoder import SkipThoughtEncoder

    encoder = SkipThoughtEncoder.load(_ENCODER.value)
    try:
        vectors = encoder.encode(sentences, progress=True)
    except InputError as error:
        raise InputError(f"{_INPUT.value}: {error}") from error
    unknown = sum(bool(encoder.unknown_words(sentence)) for sentence in sentences)
    if unknown:
        print(
            f"warning: {unknown} of {len(sentences)} sentences have words that the "
            "encoder does not know and reads as UNK",
            file=sys.stderr,
        )
    content = io.BytesIO()
    np.save(content, vectors, allow_pickle=False)
    write_bytes(output, content.getvalue())
    print(f"vectors: {output}, float32 {list(vectors.shape)}")
    print(f"next: python -c \"import numpy; print(numpy.load('{output}'))\"")


def read_groups(path: Path) -> list[list[str]]:
    """Reads captions, one a line, blank lines between the groups.

    Raises:
        InputError: the file cannot be read, or has no caption.
    """
    groups: list[list[str]] = [[]]
    for line in read_lines(path):
        if line.strip():
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    if not groups:
        raise InputError(f"{path}: has no captions; expected one a line")
    return groups


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a text file; Unicode's own line separators end none.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is empty.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a text file"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start} is not UTF-8; convert it with: "
            f"iconv -f latin1 -t utf-8 {path}"
        ) from error
    if not text:
        raise InputError(f"{path}: empty; expected text")
    return text.removesuffix("\n").split("\n")


def console() -> None:
    """The console script `skipthoughts`."""
    run(main)


if __name__ == "__main__":
    console()
