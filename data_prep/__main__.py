"""Turns a data set into the cache that training reads.

Flowers drawn by code, nothing downloaded:
  python -m data_prep --dataset=rendered_flowers --cache_dir=data/rendered_flowers

Oxford Flowers-102 with the captions of Reed et al., from a folder with 102flowers.tgz,
imagelabels.mat and cvpr2016_flowers.tar.gz:
  python -m data_prep --dataset=flowers102_captions --manual_dir=downloads \
      --cache_dir=data/flowers102

Without --encoder, a skip-thought encoder is first trained on the training captions.
A call that was killed goes on where it was when it is repeated.
"""

from pathlib import Path

from absl import flags

from skipthoughts.errors import InputError, run

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
    "manual_dir", "", "Folder with the archives of flowers102_captions."
)
_DATA_DIR = flags.DEFINE_string(
    "data_dir", "", "Where TensorFlow Datasets works; default: tfds/ beside the cache."
)
_ENCODER = flags.DEFINE_string(
    "encoder", "", "Directory of a trained encoder; empty: train one."
)
_KIND = flags.DEFINE_enum(
    "encoder_kind", "combine", ["uni", "bi", "combine"], "Encoder to train."
)
_DIM = flags.DEFINE_integer(
    "encoder_dim", 256, "Dimensions of uni and of bi; combine has twice as many."
)
_WORD_DIM = flags.DEFINE_integer("encoder_word_dim", 256, "Of the word vectors.")
_STEPS = flags.DEFINE_integer(
    "encoder_steps", 400, "Updates of the encoder (of uni and bi each).", lower_bound=1
)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the encoder.", lower_bound=0)
_DTYPE = flags.DEFINE_enum(
    "embedding_dtype", "float16", ["float16", "float32"], "Of the vectors on disk."
)
_MAX_BAD = flags.DEFINE_float(
    "max_bad_fraction", 0.0, "Of images that may be unreadable.", 0.0, 1.0
)
_OVERWRITE = flags.DEFINE_bool("overwrite", False, "Replace another cache.")


def main(argv: list[str]) -> None:
    """Prepares the data set that the flags name."""
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r}: expected flags only, as --cache_dir=data/X")
    # After the flags are read: --help and a mistyped flag should not wait for these.
    from data_prep.cache import CacheOptions, write_cache
    from data_prep.datasets import prepared_builder
    from skipthoughts.encoder import EncoderConfig
    from skipthoughts.training import TrainingConfig

    encoder = EncoderConfig(kind=_KIND.value, dim=_DIM.value, word_dim=_WORD_DIM.value)
    options = CacheOptions(
        encoder=Path(_ENCODER.value) if _ENCODER.value else None,
        training=TrainingConfig(encoder=encoder, steps=_STEPS.value, seed=_SEED.value),
        dtype=_DTYPE.value,
        max_bad_fraction=_MAX_BAD.value,
    )
    cache_dir = Path(_CACHE_DIR.value)
    data_dir = Path(_DATA_DIR.value) if _DATA_DIR.value else cache_dir.parent / "tfds"
    builder = prepared_builder(_DATASET.value, data_dir, _MANUAL_DIR.value)
    written = write_cache(builder, cache_dir, options, _OVERWRITE.value)
    print(f"cache: {cache_dir}" if written else f"cache: {cache_dir}, already there")
    print(f"look at it: {cache_dir / 'preview.png'}")
    configuration = {
        "rendered_flowers": "quickstart",
        "flowers102_captions": "flowers102_cpu",
    }[_DATASET.value]
    print(
        f"next: python train.py --flagfile=configs/{configuration}.cfg "
        f"--cache_dir={cache_dir} --workdir=runs/{configuration}"
    )


def console() -> None:
    """The console script `t2i-prepare`."""
    run(main)


if __name__ == "__main__":
    console()
