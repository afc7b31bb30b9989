r"""Turns a data set into the cache that training reads.

Flowers drawn by code, nothing downloaded (about a minute and the encoder's training):
  python -m data_prep --dataset=rendered_flowers --cache_dir=data/rendered_flowers

Oxford Flowers-102 with the captions of Reed et al., from a folder with 102flowers.tgz,
imagelabels.mat (both are downloaded if they are missing) and cvpr2016_flowers.tar.gz:
  python -m data_prep --dataset=flowers102_captions --manual_dir=downloads \
      --cache_dir=data/flowers102

With an encoder that is there already, as that of another cache:
  python -m data_prep --dataset=rendered_flowers --cache_dir=data/rendered_flowers \
      --encoder=data/flowers102/encoder

With --captions_dir=captions, its captions are also written as text files, from which
`python -m skipthoughts train` makes an encoder of another kind.

Without --encoder, a skip-thought encoder is first trained on the training captions.
A call that was killed goes on where it was when it is repeated. data_prep/README.md
describes the data sets and the files of a cache.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from foundation import hints
from foundation.command_line import run
from foundation.errors import InputError
from foundation.flag_help import group
from skipthoughts.config import KINDS, EncoderConfig, TrainingConfig

if TYPE_CHECKING:
    from data_prep.cache import CacheOptions

_DEFAULT = TrainingConfig()
group("Data set")
_DATASET = flags.DEFINE_enum(
    "dataset",
    "rendered_flowers",
    ["rendered_flowers", "flowers102_captions"],
    "Which data set.",
)
_CACHE_DIR = flags.DEFINE_string(
    "cache_dir", None, "Where the cache is written.", required=True
)
_MANUAL_DIR = flags.DEFINE_string(
    "manual_dir", "", "Folder with the three files of flowers102_captions."
)
_DATA_DIR = flags.DEFINE_string(
    "data_dir", "", "Where TensorFlow Datasets works; default: tfds/ next to the cache."
)
group("Text encoder")
_ENCODER = flags.DEFINE_string(
    "encoder", "", "Directory of a trained encoder; empty: train one."
)
_KIND = flags.DEFINE_enum(
    "encoder_kind", _DEFAULT.encoder.kind, KINDS, "Encoder to train."
)
_DIM = flags.DEFINE_integer(
    "encoder_dim",
    _DEFAULT.encoder.dim,
    "Dimensions of uni and of bi; combine has twice as many.",
)
_WORD_DIM = flags.DEFINE_integer(
    "encoder_word_dim", _DEFAULT.encoder.word_dim, "Of the word vectors."
)
_STEPS = flags.DEFINE_integer(
    "encoder_steps",
    _DEFAULT.steps,
    "Updates of the encoder (of uni and bi each).",
    lower_bound=1,
)
_SEED = flags.DEFINE_integer(
    "seed", _DEFAULT.seed, "Seed of the encoder.", lower_bound=0
)
_DTYPE = flags.DEFINE_enum(
    "embedding_dtype", "float16", ["float16", "float32"], "Of the vectors on disk."
)
group("Checks and output")
_MAX_BAD = flags.DEFINE_float(
    "max_bad_fraction",
    0.0,
    "Of the images that may be bad; they are left out.",
    0.0,
    1.0,
)
_CAPTIONS_DIR = flags.DEFINE_string(
    "captions_dir", "", "Where captions and classes are also written as text files."
)
_OVERWRITE = flags.DEFINE_bool("overwrite", False, "Replace a cache that is there.")


def main(argv: list[str]) -> None:
    """Prepares the data set that the flags name."""
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r}: expected flags only, as --cache_dir=data/X")
    # After the flags are read: --help and a mistyped flag should not wait for these.
    from data_prep.cache import write_cache
    from data_prep.caption_files import write_caption_files
    from data_prep.datasets import prepared_builder

    cache_dir = Path(_CACHE_DIR.value)
    data_dir = Path(_DATA_DIR.value) if _DATA_DIR.value else cache_dir.parent / "tfds"
    try:
        options = _options()
        builder = prepared_builder(_DATASET.value, data_dir, _MANUAL_DIR.value)
        written = write_cache(builder, cache_dir, options, _OVERWRITE.value)
    except OSError as error:  # a full disk, no permission
        raise InputError(
            f"{error.filename or cache_dir}: {error.strerror or error}; expected a "
            "folder that can be written. Repeat the command when it can"
        ) from error
    if _CAPTIONS_DIR.value:
        files = write_caption_files(cache_dir, Path(_CAPTIONS_DIR.value))
        print(f"captions: {', '.join(map(str, files))}")
    print(f"cache: {cache_dir}" if written else f"cache: {cache_dir}, already there")
    print(f"look at it: {cache_dir / 'preview.png'}")
    configuration = {
        "rendered_flowers": "quickstart",
        "flowers102_captions": "flowers102_cpu",
    }[_DATASET.value]
    arguments = (f"--cache_dir={cache_dir}", f"--workdir=runs/{configuration}")
    line = hints.command("train.py", *hints.flagfile(configuration), *arguments)
    print(f"next: {line}")


def _options() -> "CacheOptions":
    """Returns what the flags say of the content of the cache."""
    from data_prep.cache import CacheOptions
    from skipthoughts import SkipThoughtEncoder

    kind = EncoderConfig(kind=_KIND.value, dim=_DIM.value, word_dim=_WORD_DIM.value)
    return CacheOptions(
        encoder=SkipThoughtEncoder.load(_ENCODER.value) if _ENCODER.value else None,
        training=TrainingConfig(encoder=kind, steps=_STEPS.value, seed=_SEED.value),
        dtype=_DTYPE.value,
        max_bad_fraction=_MAX_BAD.value,
    )


def console() -> None:
    """The console script `t2i-prepare`."""
    run(main, __doc__ or "")


if __name__ == "__main__":
    console()
