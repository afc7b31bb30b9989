"""What a run shows while it trains: status lines, TensorBoard, sample grids."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.plugins.hparams import api as hparams_api

from foundation.atomic import write_text
from foundation.boundary import reason_of
from text_to_image.data.cache import Cache, Split
from text_to_image.data.crops import center_crop
from text_to_image.generation.captions import read_captions
from text_to_image.generation.files import save
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.pictures.grid import draw_grid
from text_to_image.runs.directory import RunDirectory

_CAPTIONS, _SEEDS = 6, 8  # rows and columns of the sample grid


def sample_captions(path: str, split: Split) -> list[str]:
    """Returns the captions of the sample grid.

    Args:
        path: a text file with one caption a line; empty takes captions of `split`, of
            classes spread over it.
        split: of classes that training does not see.

    Raises:
        InputError: the file cannot be read or has no captions.
    """
    if path:
        return read_captions(path)
    _, first = np.unique(np.asarray(split.labels), return_index=True)
    chosen = first[np.linspace(0, len(first) - 1, _CAPTIONS).astype(int)]
    return [split.captions[split.caption_offsets[i]] for i in chosen]


class Summaries:
    """Writes the summaries of one run.

    Args:
        run: where to.
        model: what images are made by, as it is when they are.
        cache: what it is trained on.
        captions_file: captions of the sample grid; empty takes test captions. A run
            without text has none.
        warn: told, once of each kind, of what cannot be written. Training goes on:
            nothing here is needed to resume.
    """

    def __init__(
        self,
        run: RunDirectory,
        model: TextToImage,
        cache: Cache,
        captions_file: str,
        warn: Callable[[str], None] = logging.warning,
    ):
        self.run = run
        self._warn = warn
        self._warned: set[str] = set()
        self._writer = tf.summary.create_noop_writer()
        with self._tolerating("curves"):
            self._writer = tf.summary.create_file_writer(str(run.tensorboard))
        self._model = model
        if model.description.config.conditional:
            self._captions = sample_captions(captions_file, cache.split("test"))
            vectors = model.embed(self._captions)
            seeds = [*range(_SEEDS)] * len(self._captions)
        else:  # other noise in every row
            vectors = model.no_text(_CAPTIONS)
            seeds = [*range(_CAPTIONS * _SEEDS)]
            self._captions = [
                f"seeds {row}-{row + _SEEDS - 1}" for row in seeds[::_SEEDS]
            ]
        self._vectors = np.repeat(vectors, _SEEDS, axis=0)
        self._z = model.noise(seeds)

    def begin(self, description: dict, train: Split) -> None:
        """Writes what does not change: configuration, captions, real images."""
        self.write_captions()
        rows = np.linspace(0, len(train.labels) - 1, _CAPTIONS * _SEEDS).astype(int)
        rows = rows.reshape(_CAPTIONS, _SEEDS)
        images = center_crop(np.stack([train.images[i] for i in rows.ravel()]))
        images = images.reshape(*rows.shape, *images.shape[1:])
        captions = [train.captions[train.caption_offsets[i]] for i in rows[:, 0]]
        grid = draw_grid(images, [f"first: {caption}" for caption in captions])
        self._save(grid, "reals.png")
        table = "\n".join(f"    {i}  {text}" for i, text in enumerate(self._captions))
        with self._events(step=0):
            tf.summary.image("samples/real", np.asarray(grid)[None], max_outputs=1)
            tf.summary.text("text/captions", table)
            tf.summary.text("text/config", f"```\n{json.dumps(description)}\n```")
            hparams_api.hparams(description)  # the HParams tab compares runs by it

    def write_captions(self) -> None:
        """Writes the captions of the grid, unless they stand there already."""
        path = self.run.samples / "captions.txt"
        text = "\n".join(self._captions) + "\n"
        with self._tolerating("captions"):
            path.parent.mkdir(exist_ok=True)
            if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
                write_text(path, text)

    def write_scalars(self, step: int, values: dict[str, float]) -> None:
        """Writes scalars by their tags."""
        with self._events(step):
            for tag, value in values.items():
                tf.summary.scalar(tag, value)

    def write_samples(self, step: int) -> None:
        """Makes the grid of fixed captions and fixed noise; file and TensorBoard."""
        grid = self.sample_grid()
        self._save(grid, _name_of_grid(step))
        with self._events(step):
            tf.summary.image("samples/fixed", np.asarray(grid)[None], max_outputs=1)

    def has_samples(self, step: int) -> bool:
        """Whether the grid of a step is there."""
        return (self.run.samples / _name_of_grid(step)).is_file()

    def sample_grid(self) -> Image.Image:
        """Returns the grid: a caption a row, a noise a column."""
        images = self._model.generate_from(self._z, self._vectors)
        images = images.reshape(len(self._captions), _SEEDS, *images.shape[1:])
        return draw_grid(images, self._captions)

    def close(self) -> None:
        """Flushes what TensorBoard has not seen."""
        with self._tolerating("curves"):
            self._writer.close()

    def _save(self, image: Image.Image, name: str) -> None:
        with self._tolerating("sample grids"):
            save(image, self.run.samples / name)

    @contextmanager
    def _events(self, step: int) -> Iterator[None]:
        """Sends the block's summaries to TensorBoard's file."""
        with self._tolerating("curves"), self._writer.as_default(step=step):
            yield

    @contextmanager
    def _tolerating(self, what: str) -> Iterator[None]:
        """Makes a warning of a file that cannot be written."""
        try:
            yield
        except (OSError, tf.errors.OpError) as error:
            if what not in self._warned:
                self._warned.add(what)
                self._warn(
                    f"{what} cannot be written to {self.run.path} "
                    f"({reason_of(error)}); training goes on without."
                )


def _name_of_grid(step: int) -> str:
    return "init.png" if step == 0 else f"step-{step:06d}.png"
