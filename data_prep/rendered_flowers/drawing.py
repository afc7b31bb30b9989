"""Draws many images, on all the cores, in order."""

import io
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial

from PIL import Image

from data_prep.rendered_flowers.attributes import sample_attributes
from data_prep.rendered_flowers.renderer import render

_SMALL = 200  # images that are drawn sooner than a process starts
_MOST_WORKERS = 8  # more draw faster than one process can store
_CHUNK = 16  # images a task, so that handing tasks over costs little

Job = tuple[int, int]  # label and index


def draw_png(job: Job, seed: int) -> bytes:
    """Returns one image as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(render(sample_attributes(*job, seed))).save(file, "PNG")
    return file.getvalue()


def draw_all(
    labels: list[int], images_per_class: int, seed: int, workers: int | None = None
) -> Iterator[bytes]:
    """Yields the PNG files of several classes, class by class.

    Args:
        labels: of the classes to draw.
        images_per_class: images of each.
        seed: of the data set.
        workers: processes; by default one for each core, up to eight, and none for a
            small job. They import the main program again, which has to be guarded by
            `if __name__ == "__main__":`, as always with `multiprocessing`.
    """
    jobs = [(label, index) for label in labels for index in range(images_per_class)]
    draw = partial(draw_png, seed=seed)
    if workers is None:
        workers = 0 if len(jobs) < _SMALL else min(os.cpu_count() or 1, _MOST_WORKERS)
    if workers < 2:
        yield from map(draw, jobs)
        return
    # Not forked: TensorFlow's threads would not survive it.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        with _held_back(signal.SIGINT):  # all processes start here, and inherit that
            images = pool.map(draw, jobs, chunksize=_CHUNK)
        yield from images
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _held_back(number: int) -> Iterator[None]:
    """Blocks a signal while the block runs; it arrives afterwards.

    A terminal sends Ctrl-C to all processes; the calling one ends the others.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
