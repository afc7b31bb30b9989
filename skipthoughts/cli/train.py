r"""Trains a sentence encoder.

On captions, from a text file with one caption a line and a blank line between images:
  python -m skipthoughts train --captions=captions.txt --output=encoder

On running text, whose sentences are predicted from their neighbours:
  python -m skipthoughts train --corpus=novels/ --output=encoder --steps=5000

Smaller and faster, with another seed:
  python -m skipthoughts train --captions=captions.txt --output=encoder \
      --dim=128 --word_dim=64 --steps=200 --seed=1

By triplets instead: captions of one image are drawn near each other, those of another
class pushed away (Schroff et al. 2015). Classes are one a line, an image each; --start
begins with an encoder that is there:
  python -m skipthoughts train --objective=triplet --captions=captions.txt \
      --classes=classes.txt --output=triplet --start=encoder

`python -m data_prep … --captions_dir=captions` writes both files.

A killed call goes on where it was when it is repeated. Curves:
  tensorboard --logdir=encoder.training
"""

from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from skipthoughts.cli.files import readable_file
from skipthoughts.config import (
    KINDS,
    TOKENIZERS,
    EncoderConfig,
    TrainingConfig,
    TripletConfig,
)
from skipthoughts.text_files import read_groups, read_lines, read_prose

if TYPE_CHECKING:
    from skipthoughts.encoder import SkipThoughtEncoder

_DEFAULT = TrainingConfig()
group("Data")
_CAPTIONS = flags.DEFINE_string(
    "captions", "", "Text file, one caption a line, a blank line between images."
)
_CORPUS = flags.DEFINE_list(
    "corpus", [], "Text files of prose, or folders of .txt files, comma-separated."
)
_CLASSES = flags.DEFINE_string(
    "classes", "", "triplet: text file, the class of each image a line."
)
_OUTPUT = flags.DEFINE_string("output", None, "The encoder's directory.", required=True)
_WORKDIR = flags.DEFINE_string(
    "workdir", "", "For checkpoints and curves; empty: OUTPUT.training."
)
group("Objective")
_OBJECTIVE = flags.DEFINE_enum(
    "objective",
    "skip_thought",
    ["skip_thought", "triplet"],
    "Predict the neighbouring sentences, or tell captions of other classes apart.",
)
_MARGIN = flags.DEFINE_float(
    "margin", TripletConfig().margin, "triplet: how much farther the negative must be."
)
_WORD_VECTORS = flags.DEFINE_string(
    "word_vectors",
    "",
    "skip_thought: GloVe's or word2vec's file to begin with, perhaps gzipped; empty: "
    "random vectors, as published.",
)
_START = flags.DEFINE_string(
    "start", "", "triplet: directory of an encoder to begin with; empty: random."
)
group("Encoder")
_KIND = flags.DEFINE_enum(
    "kind",
    _DEFAULT.encoder.kind,
    KINDS,
    "A forward GRU, a forward and a backward one, or both models.",
)
_DIM = flags.DEFINE_integer(
    "dim",
    _DEFAULT.encoder.dim,
    "Dimensions of uni and of bi; combine has twice as many.",
)
_WORD_DIM = flags.DEFINE_integer(
    "word_dim", _DEFAULT.encoder.word_dim, "Of the word vectors."
)
_VOCABULARY_SIZE = flags.DEFINE_integer(
    "vocabulary_size",
    _DEFAULT.vocabulary_size,
    "The most words, <eos> and UNK included.",
)
_TOKENIZER = flags.DEFINE_enum(
    "tokenizer",
    _DEFAULT.encoder.tokenizer,
    TOKENIZERS,
    "Words and punctuation marks, or the Penn Treebank's rules.",
)
_LOWERCASE = flags.DEFINE_bool(
    "lowercase", _DEFAULT.encoder.lowercase, "Whether case is ignored."
)
group("Optimization")
_STEPS = flags.DEFINE_integer("steps", _DEFAULT.steps, "Updates (of uni and bi each).")
_BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", _DEFAULT.batch_size, "Sentences an update; triplet: 64 pairs."
)
_LEARNING_RATE = flags.DEFINE_float(
    "learning_rate", _DEFAULT.learning_rate, "That of Adam; triplet: 1e-3."
)
_CLIP_NORM = flags.DEFINE_float(
    "clip_norm", _DEFAULT.clip_norm, "The most that a gradient's norm may be."
)
_MAX_LENGTH = flags.DEFINE_integer(
    "max_length", _DEFAULT.max_length, "Words of a sentence that is trained on."
)
_SEED = flags.DEFINE_integer("seed", _DEFAULT.seed, "Of everything random.")

_OPTIMISATION: tuple[flags.FlagHolder, ...] = (
    _VOCABULARY_SIZE,
    _STEPS,
    _BATCH_SIZE,
    _LEARNING_RATE,
    _CLIP_NORM,
    _MAX_LENGTH,
    _SEED,
)


def main(argv: list[str]) -> None:
    """Trains what the flags describe."""
    if len(argv) > 1:
        raise InputError(
            f"{argv[1]!r}: expected flags only, as --captions=captions.txt"
        )
    if bool(_CAPTIONS.value) == bool(_CORPUS.value):
        raise InputError(
            f"--captions={_CAPTIONS.value} --corpus={','.join(_CORPUS.value)}: "
            "expected one of the two, as --captions=captions.txt"
        )
    if (_OBJECTIVE.value == "triplet") != bool(_CLASSES.value):
        raise InputError(
            f"--objective={_OBJECTIVE.value} --classes={_CLASSES.value}: expected both "
            "of triplet and --classes=classes.txt, or neither"
        )
    if _WORD_VECTORS.value:
        readable_file(_WORD_VECTORS, "a file of word vectors, as glove.6B.300d.txt")
        if _OBJECTIVE.value == "triplet":
            raise InputError(
                f"--objective=triplet --word_vectors={_WORD_VECTORS.value}: expected "
                "--start=ENCODER instead, trained with these word vectors"
            )
    workdir = Path(_WORKDIR.value or f"{_OUTPUT.value.rstrip('/')}.training")
    if _CAPTIONS.value:
        texts = read_groups(Path(_CAPTIONS.value))
    else:
        texts = read_prose([Path(path) for path in _CORPUS.value])
    # After the mistakes that are found at once: these take seconds.
    from skipthoughts.encoder_directory import check_output

    check_output(_OUTPUT.value)
    encoder = _trained(texts, workdir)
    encoder.save(_OUTPUT.value)
    print(
        f"encoder: {_OUTPUT.value}, {encoder.dim} dimensions, "
        f"{len(encoder.vocabulary)} words, id {encoder.id[:12]}"
    )
    print(f"curves: {hints.command('tensorboard', f'--logdir={workdir}')}")
    arguments = ("--input=sentences.txt", "--output=vectors.npy")
    encode = ("-m skipthoughts", "encode", f"--encoder={_OUTPUT.value}", *arguments)
    print(f"next: {hints.command(*encode)}")


def _trained(texts: list[list[str]], workdir: Path) -> "SkipThoughtEncoder":
    """Trains with the objective of the flags."""
    from skipthoughts.encoder import SkipThoughtEncoder
    from skipthoughts.training.skip_thoughts import train
    from skipthoughts.training.triplet import train_triplet

    # What is not given has the default of the objective.
    given = {flag.name: flag.value for flag in _OPTIMISATION if flag.present}
    if _OBJECTIVE.value == "skip_thought":
        config = TrainingConfig(encoder=_encoder_config(), **given)
        file = Path(_WORD_VECTORS.value) if _WORD_VECTORS.value else None
        prose = not _CAPTIONS.value
        return train(texts, config, workdir=workdir, word_vectors=file, prose=prose)
    start = SkipThoughtEncoder.load(_START.value) if _START.value else None
    encoder = start.config if start else _encoder_config()
    return train_triplet(
        texts,
        read_lines(Path(_CLASSES.value)),
        TripletConfig(encoder=encoder, margin=_MARGIN.value, **given),
        workdir=workdir,
        start=start,
    )


def _encoder_config() -> EncoderConfig:
    return EncoderConfig(
        kind=_KIND.value,
        dim=_DIM.value,
        word_dim=_WORD_DIM.value,
        tokenizer=_TOKENIZER.value,
        lowercase=_LOWERCASE.value,
    )
