r"""Captions a second of the skip-thought encoder at the size of the original release.

All captions of Reed et al. at 2400 + 2 x 1200 dimensions, in minutes:
  python -m benchmarks.encode --archive=downloads/cvpr2016_flowers.tar.gz

Smaller:
  python -m benchmarks.encode --limit=2000 --dim=600 --json=encode.jsonl

Ours reads each distinct beginning and end once (`prefix_sharing.py`); the peer is a
plain `keras.layers.GRU` in length-sorted batches of 128. Weights are random; both give
the same vectors within 1e-5, or the command fails.
"""

import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from foundation.command_line import run
from foundation.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from skipthoughts import SkipThoughtEncoder

_ARCHIVE = flags.DEFINE_string(
    "archive",
    "../shared/data/oxford_flowers102/cvpr2016_flowers.tar.gz",
    "The caption archive of Reed et al.",
)
_LIMIT = flags.DEFINE_integer("limit", 0, "Captions; 0: all.", lower_bound=0)
_DIM = flags.DEFINE_integer("dim", 2400, "Dimensions of uni, and of bi.", lower_bound=2)
_WORD_DIM = flags.DEFINE_integer("word_dim", 620, "Of word vectors.", lower_bound=1)
_MEMORY = flags.DEFINE_integer("memory_mb", 1024, "Memory in addition to the result.")
_JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")

_PEER_BATCH = 128


def main(argv: list[str]) -> None:
    """Times both and prints the table."""
    del argv
    import numpy as np

    from benchmarks.timing import Row, gemm_rate, report

    captions = _captions()
    encoder = _random_encoder(captions)
    encoder.encode(captions[:64])  # compiles
    before = _peak_mb()
    gemm = [gemm_rate()]
    start = time.perf_counter()
    ours = encoder.encode(captions, progress=True, memory=_MEMORY.value << 20)
    seconds = time.perf_counter() - start
    peak = _peak_mb() - before
    gemm.append(gemm_rate())
    theirs, their_seconds = _encode_plainly(encoder, captions)
    gemm.append(gemm_rate())
    difference = max(
        float(np.abs(ours[i : i + 4096] - theirs[i : i + 4096]).max())
        for i in range(0, len(ours), 4096)
    )
    if difference > 1e-5:
        raise InputError(f"vectors differ by {difference:.1e}, expected at most 1e-5")
    flops = _flops(encoder, captions)
    rates = len(captions) / seconds, len(captions) / their_seconds
    sizes = f"{len(captions)} captions, {encoder.dim} dimensions"
    peer_gemm = flops / their_seconds / (sum(gemm[1:]) / 2)
    our_gemm = flops / seconds / (sum(gemm[:2]) / 2)
    report(
        [
            Row(
                "shared beginnings", rates[0], "captions/s", 0.0, our_gemm,
                rates[0] / rates[1], 1,
            ),
            Row("Keras GRU, sorted", rates[1], "captions/s", 0.0, peer_gemm, None, 1),
        ],
        _JSON.value,
    )  # fmt: skip
    print(
        f"{sizes}; gemm counts the operations of the plain method in both rows\n"
        f"largest difference {difference:.1e}; peak memory of encode {peak:.0f} MB, of "
        f"which the result {ours.nbytes / 1e6:.0f} MB"
    )


def _captions() -> list[str]:
    from data_prep.flowers102_captions.captions_archive import read_captions_archive

    archive = read_captions_archive(Path(_ARCHIVE.value))
    captions = [c for lines in archive.captions.values() for c in lines]
    return captions[: _LIMIT.value or None]


def _random_encoder(captions: list[str]) -> "SkipThoughtEncoder":
    import keras

    from skipthoughts import SkipThoughtEncoder
    from skipthoughts.config import EncoderConfig
    from skipthoughts.tokenizer import tokenize
    from skipthoughts.vocabulary import Vocabulary

    keras.utils.set_random_seed(0)
    config = EncoderConfig(dim=_DIM.value, word_dim=_WORD_DIM.value)
    return SkipThoughtEncoder.untrained(
        config, Vocabulary.of(map(tokenize, captions), 20_000)
    )


def _encode_plainly(
    encoder: "SkipThoughtEncoder", captions: list[str]
) -> tuple["np.ndarray", float]:
    """Encodes by Keras's own GRU; returns vectors and seconds."""
    import keras
    import numpy as np
    import tensorflow as tf
    from tqdm import tqdm

    tables = [tf.constant(part.words) for part in encoder.parts]

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((None,), tf.int32),
        ]
    )
    def encode(rows, lengths):
        return tf.concat(
            [
                keras.ops.normalize(part.model(tf.gather(table, rows), lengths))
                for part, table in zip(encoder.parts, tables, strict=True)
            ],
            axis=1,
        )

    def run(batch: list[list[int]]) -> np.ndarray:
        lengths = np.array([len(rows) for rows in batch], np.int32)
        table = np.zeros((len(batch), lengths.max()), np.int32)
        for line, rows in zip(table, batch, strict=True):
            line[: len(rows)] = rows
        return encode(table, lengths).numpy()

    start = time.perf_counter()
    rows = [encoder.vocabulary.rows(encoder.tokenize(text)) for text in captions]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    tokenizing = time.perf_counter() - start
    run([rows[i] for i in order[:_PEER_BATCH]])  # compiles
    start = time.perf_counter()
    vectors = np.empty((len(rows), encoder.dim), np.float32)
    for first in tqdm(
        range(0, len(order), _PEER_BATCH), desc="Keras GRU", disable=None
    ):
        chosen = order[first : first + _PEER_BATCH]
        vectors[chosen] = run([rows[i] for i in chosen])
    return vectors, tokenizing + time.perf_counter() - start


def _flops(encoder: "SkipThoughtEncoder", captions: list[str]) -> float:
    """Operations of the plain method: 2 for each weight and word."""
    weights = sum(
        kernel.size
        for part in encoder.parts
        for recurrence, _ in part.directions()
        for kernel in recurrence.get_weights()[:2]
    )
    return 2.0 * weights * sum(len(encoder.tokenize(text)) for text in captions)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    run(main, __doc__ or "")
