"""Captions a second of generation, and the cold start of generate.py.

  python -m benchmarks.generate
  python -m benchmarks.generate --workdir=runs/flowers102_cpu --json=generate.jsonl

Without --workdir a run with random weights is made up: networks of the published width
and an encoder of 3,500 words and the size of the original release.

Warm, `TextToImage.generate` makes eight images of one caption, and one of each of
64; captions are encoded anew in every call. Cold, a process of its own runs generate.py
for one caption and eight seeds, until it has ended with the PNG files on disk; in turn
another one only imports TensorFlow and Keras. What the first takes longer is our own
code: reading weights, tracing, generation, writing.
"""

import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from benchmarks.configurations import NETWORKS, configuration
from foundation.command_line import run

if TYPE_CHECKING:
    from benchmarks.timing import Row

_WORKDIR = flags.DEFINE_string("workdir", "", "A run; empty: one is made up.")
_RUNS = flags.DEFINE_integer("runs", 10, "Timed calls of each size.", lower_bound=2)
_STARTS = flags.DEFINE_integer("starts", 5, "Timed cold starts.", lower_bound=2)
_JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")
# Of the run that is made up
_ARCHITECTURE = flags.DEFINE_enum(
    "architecture", "reed", [*NETWORKS], "Networks; dcgan by its kernels."
)
_WIDTH = flags.DEFINE_integer("width", 0, "--gf and --df; 0: published.", lower_bound=0)
_ENCODER_DIM = flags.DEFINE_integer(
    "encoder_dim", 2400, "Dimensions of uni, and of bi; even.", lower_bound=2
)

_CAPTION = "this flower has long pink petals and a yellow center"
_SEEDS = 8
_CAPTIONS = 64


def main(argv: list[str]) -> None:
    """Times warm calls and cold starts, and prints the table."""
    del argv
    from benchmarks.timing import report

    with tempfile.TemporaryDirectory() as directory:
        workdir = _WORKDIR.value or _made_up_run(Path(directory))
        rows = [*time_calls(workdir), *time_starts(workdir, f"{directory}/pictures")]
    report(rows, _JSON.value)


def _made_up_run(directory: Path) -> str:
    from benchmarks.synthetic import write_cache, write_run

    cache = write_cache(directory / "cache", 64, 2 * _ENCODER_DIM.value)
    config = configuration(
        _ARCHITECTURE.value, "float32", _WIDTH.value, cache_dir=str(cache)
    )
    return str(write_run(directory / "run", config))


def time_calls(workdir: str) -> list["Row"]:
    """Times calls of a model that is loaded and compiled."""
    from benchmarks.timing import Work, measure
    from text_to_image import TextToImage

    model = TextToImage.load(workdir)
    rows = []
    for captions, seeds in ((1, _SEEDS), (_CAPTIONS, 1)):
        call = functools.partial(model.generate, [_CAPTION] * captions, range(seeds))
        work = Work(f"captions x seeds: {captions} x {seeds}", call)
        rows += measure([work], "captions/s", captions, _RUNS.value)
    return rows


def time_starts(workdir: str, outdir: str) -> list["Row"]:
    """Times generate.py in processes of its own, in turn with a mere import."""
    from tqdm import tqdm

    from benchmarks.fresh_process import IMPORT_LIBRARIES, run_python
    from benchmarks.timing import row_of

    generate = (
        "generate.py",
        f"--workdir={Path(workdir).resolve()}",
        f"--outdir={outdir}",
        f"--caption={_CAPTION}",
    )
    cold, libraries = [], []
    for _ in tqdm(range(1 + _STARTS.value), desc="cold starts", disable=None):
        cold.append(_seconds(lambda: run_python(generate)))
        libraries.append(_seconds(lambda: run_python(IMPORT_LIBRARIES)))
    # The first ones read files from the disk.
    pairs = list(zip(cold, libraries, strict=True))[1:]
    return [
        row_of("cold start to PNG", "s", [start for start, _ in pairs]),
        row_of("import of TensorFlow and Keras", "s", [other for _, other in pairs]),
        row_of("our own code", "s", [start - other for start, other in pairs]),
    ]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    run(main, __doc__ or "")
