"""Draws many pictures, on all the cores, in order.

The workers are plain child processes that run this module and write PNG files to
their standard output. A process pool would import the user's main program again in
each child, and TensorFlow with it.
"""

import contextlib
import io
import os
import struct
import subprocess
import sys
from collections.abc import Iterator

from PIL import Image

from data_prep.rendered_flowers.attributes import sample_attributes
from data_prep.rendered_flowers.renderer import render

_SMALL = 200  # pictures that are drawn sooner than a child process starts
_MOST_WORKERS = 8  # more draw faster than one process can store
_LENGTH = struct.Struct("<I")


def draw_png(label: int, index: int, seed: int) -> bytes:
    """Returns one picture as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(render(sample_attributes(label, index, seed))).save(file, "PNG")
    return file.getvalue()


def draw_all(
    labels: list[int], images_per_class: int, seed: int, workers: int | None = None
) -> Iterator[bytes]:
    """Yields the PNG files of several classes, class by class.

    Args:
        labels: of the classes to draw.
        images_per_class: pictures of each.
        seed: of the data set.
        workers: child processes; by default one for each core, up to eight, and none
            for a small job.

    Raises:
        RuntimeError: a child process ended early.
    """
    jobs = [(label, index) for label in labels for index in range(images_per_class)]
    if workers is None:
        workers = 0 if len(jobs) < _SMALL else min(os.cpu_count() or 1, _MOST_WORKERS)
    if workers < 2:
        yield from (draw_png(label, index, seed) for label, index in jobs)
        return
    with contextlib.ExitStack() as stack:
        # Child i draws every workers-th picture from the i-th; a full pipe stops it
        # until this process has read on.
        children = [
            stack.enter_context(_child(labels, images_per_class, seed, i, workers))
            for i in range(workers)
        ]
        for job in range(len(jobs)):
            yield _read_png(children[job % workers])


@contextlib.contextmanager
def _child(labels: list[int], *numbers: int) -> Iterator[subprocess.Popen]:
    """Runs `main` in a child process, and ends it with the block."""
    module = "data_prep.rendered_flowers.drawing"
    command = [sys.executable, "-m", module, ",".join(map(str, labels))]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command + [str(number) for number in numbers],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _read_png(child: subprocess.Popen) -> bytes:
    """Returns the next file of a child: its length, then its bytes."""
    assert child.stdout is not None
    header = child.stdout.read(_LENGTH.size)
    if len(header) == _LENGTH.size:
        (length,) = _LENGTH.unpack(header)
        png = child.stdout.read(length)
        if len(png) == length:
            return png
    raise RuntimeError(f"A process that draws flowers ended early: {child.args!r}")


def main(arguments: list[str]) -> None:
    """Draws the share of one child process and writes it to standard output."""
    labels = [int(label) for label in arguments[0].split(",")]
    images_per_class, seed, first, step = map(int, arguments[1:])
    jobs = [(label, index) for label in labels for index in range(images_per_class)]
    for label, index in jobs[first::step]:
        png = draw_png(label, index, seed)
        sys.stdout.buffer.write(_LENGTH.pack(len(png)) + png)


if __name__ == "__main__":
    main(sys.argv[1:])
