"""Images a second from JPEG files to the images of a cache, next to Pillow alone.

  python -m benchmarks.input --images=downloads/jpg
  python -m benchmarks.input --runs=20 --json=input.jsonl

Ours is `data_prep.images.decode_all`, threads on all cores, with the checks that
data_prep makes of each file. The peer is as many processes that only decode and resize
by Pillow; they start and import before they are timed. Both let the JPEG library
decode at 1/2, 1/4 or 1/8, the peer down to the 76 pixels that are needed, ours to half
as many again. Both read files and write `images.npy` alike, in turn. Without --images
the files are made up, like photographs in size, contrast and bytes.

Printed below is how far each is from images that are decoded whole.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from foundation.command_line import run
from foundation.errors import InputError

if TYPE_CHECKING:
    import numpy as np

_IMAGES = flags.DEFINE_string("images", "", "Folder of JPEG files; empty: made up.")
_COUNT = flags.DEFINE_integer(
    "count", 400, "Images a run; files are taken again and again.", lower_bound=1
)
_RUNS = flags.DEFINE_integer("runs", 10, "Timed runs of each.", lower_bound=2)
_JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")

_MADE_UP = 40
_SUFFIXES = {".jpg", ".jpeg"}
_CHUNK = 8  # images handed to a process at a time, as to our threads

_Writer = Callable[[Sequence[Path], Path], None]


def main(argv: list[str]) -> None:
    """Times both and prints the table."""
    del argv
    from benchmarks.timing import Work, beside, measure, report

    workers = os.cpu_count() or 1
    # Not forked: TensorFlow's threads are already there.
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as directory,
        ProcessPoolExecutor(workers, spawn) as pool,
    ):
        some = _files(Path(directory))
        files = [some[i % len(some)] for i in range(_COUNT.value)]
        writers: dict[str, _Writer] = {
            f"data_prep, {workers} threads": _write_ours,
            f"Pillow, {workers} processes": partial(_write_theirs, pool),
        }
        path = Path(directory) / "images.npy"
        works = [
            Work(case, partial(write, files, path)) for case, write in writers.items()
        ]
        ours, theirs = measure(works, "images/s", len(files), _RUNS.value)
        losses = [_loss(write, some, path) for write in writers.values()]
    report([beside(ours, [theirs]), theirs], _JSON.value)
    listed = ", ".join(f"{loss:.2f}" for loss in losses)
    print(f"mean difference from images decoded whole, of 255, by rows: {listed}")


def _files(directory: Path) -> list[Path]:
    """Returns the files of --images, or made-up ones in `directory`."""
    if _IMAGES.value:
        folder = Path(_IMAGES.value)
        files = sorted(p for p in folder.glob("*") if p.suffix.lower() in _SUFFIXES)
        if not files:
            raise InputError(f"--images={folder}: no .jpg there, expected some")
        return files
    from benchmarks.synthetic import photographs

    files = []
    for i, content in enumerate(photographs(_MADE_UP)):
        files.append(directory / f"{i}.jpg")
        files[-1].write_bytes(content)
    return files


def _write_ours(files: Sequence[Path], path: Path) -> None:
    from data_prep.images import decode_all

    _write(decode_all(file.read_bytes() for file in files), path)


def _write_theirs(pool: ProcessPoolExecutor, files: Sequence[Path], path: Path) -> None:
    from benchmarks.pillow_peer import decode
    from data_prep.images import SIZE

    work = partial(decode, size=SIZE)
    _write(pool.map(work, files, chunksize=_CHUNK), path)


def _write(images: "Iterable[np.ndarray | ValueError]", path: Path) -> None:
    """Writes `images.npy` as data_prep does, each image when it is there."""
    import numpy as np

    from data_prep.array_file import new_array
    from data_prep.images import SIZE

    with new_array(path, "uint8", (SIZE, SIZE, 3)) as array:
        for image in images:
            if isinstance(image, ValueError):
                raise InputError(f"an image {image}; expected whole JPEG files")
            array.append(image[np.newaxis])


def _loss(write: "_Writer", files: Sequence[Path], path: Path) -> float:
    """Returns the mean difference from what Pillow resizes of whole images."""
    import numpy as np
    from PIL import Image

    write(files, path)
    images = np.load(path, allow_pickle=False)
    differences = []
    for file, image in zip(files, images, strict=True):
        with Image.open(file) as opened:
            whole = opened.convert("RGB").resize(
                image.shape[:2], Image.Resampling.BICUBIC
            )
        differences.append(np.abs(image - np.asarray(whole, np.float32)).mean())
    return float(np.mean(differences))


if __name__ == "__main__":
    run(main, __doc__ or "")
