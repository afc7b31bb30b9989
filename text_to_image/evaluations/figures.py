"""`evaluate.py figures`: the counterparts of the figures of Reed et al. 2016.

A trained run and captions of classes that it never saw in; `WORKDIR/figures/` out: a
PNG for each figure, and `figures.json`, which says what each was made from, so that
`generate.py` can make its images again.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from foundation import hints
from foundation.atomic import write_text
from foundation.errors import InputError
from text_to_image.data.cache import Cache, Split
from text_to_image.data.crops import center_crop
from text_to_image.generation.files import save
from text_to_image.generation.interpolation import Interpolation, interpolate
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.pictures.grid import draw_grid
from text_to_image.pictures.style_grid import draw_style_grid
from text_to_image.runs.directory import RunDirectory
from text_to_image.style.inversion import StyleReader, load_style_encoder
from text_to_image.style.transfer import transfer

_CAPTIONS, _SAMPLES = 12, 4  # Figs. 3 and 4
_PATHS, _STEPS = 4, 8  # Fig. 8
_STYLES, _STYLE_CAPTIONS = 6, 6  # Fig. 6
_SEEDS = 10_000  # that noise is drawn from: numbers that are short to type


class _Example(NamedTuple):
    """One caption of an image, as `figures.json` records it.

    Attributes:
        caption: the sentence.
        image: number of the image it belongs to, in the split.
        label: the class of that image.
    """

    caption: str
    image: int
    label: int


def draw_figures(
    model: TextToImage, cache: Cache, split_name: str, seed: int, workdir: str | Path
) -> dict[str, Path]:
    """Draws the figures of a run.

    Style transfer is left out, in one printed line, where the run has no style encoder
    of its newest generator.

    Args:
        model: a trained run that reads captions.
        cache: what it was trained on.
        split_name: whose images and captions: "test" for classes that training never
            saw.
        seed: which captions and which noise.
        workdir: the run directory.

    Returns:
        The path of each figure by its name, and of figures.json as "figures".

    Raises:
        InputError: a run that reads no captions.
    """
    if not model.description.config.conditional:
        raise InputError(
            f"--workdir={workdir}: was trained with --noconditional, expected a run "
            "that reads captions, which the figures are of; its images: "
            + hints.command("generate.py", f"--workdir={workdir}", "--seeds=0-63")
        )
    split, rng = cache.split(split_name), np.random.default_rng(seed)
    drawn = {
        "zero_shot": _zero_shot(model, split, rng),
        "sentence_interpolation": _sentence_interpolation(model, split, rng),
        "noise_interpolation": _noise_interpolation(model, split, rng),
    }
    folder = RunDirectory(workdir).path / "figures"
    folder.mkdir(exist_ok=True)
    try:
        style_encoder = load_style_encoder(workdir, model)
    except InputError as error:
        print(f"left out: style_transfer.png: {error}")
        # An earlier call's would be of another generator.
        (folder / "style_transfer.png").unlink(missing_ok=True)
    else:
        drawn["style_transfer"] = _style_transfer(model, style_encoder, split, rng)
    paths = {name: folder / f"{name}.png" for name in drawn}
    for name, (figure, _) in drawn.items():
        save(figure, paths[name])
    description = {
        "dataset": cache.dataset,
        "split": split_name,
        "seed": seed,
        "step": model.step,
        **{name: record for name, (_, record) in drawn.items()},
    }
    paths["figures"] = folder / "figures.json"
    write_text(paths["figures"], json.dumps(description, indent=2) + "\n")
    return paths


_Figure = tuple[Image.Image, dict[str, Any]]  # and its record


def _zero_shot(model: TextToImage, split: Split, rng: np.random.Generator) -> _Figure:
    """Draws the real image of each caption and samples next to it (Figs. 3 and 4)."""
    examples = _draw_examples(split, _CAPTIONS, rng)
    seeds = _draw_seeds(_SAMPLES, rng)
    captions = [example.caption for example in examples]
    samples = model.generate(captions, seeds)
    rows = np.concatenate([_real_images(split, examples)[:, None], samples], axis=1)
    headings = ["real", *(f"seed {seed}" for seed in seeds)]
    figure = _draw_rows(rows, [[caption] for caption in captions], headings)
    return figure, {"seeds": seeds, "rows": _records(examples)}


def _sentence_interpolation(
    model: TextToImage, split: Split, rng: np.random.Generator
) -> _Figure:
    """Goes from caption to caption at one noise (Fig. 8, left)."""
    examples = _draw_examples(split, 2 * _PATHS, rng)
    [seed] = _draw_seeds(1, rng)
    pairs = list(zip(examples[::2], examples[1::2], strict=True))
    ends = [(first.caption, last.caption) for first, last in pairs]
    paths = (Interpolation(two, [seed], _STEPS, changes_caption=True) for two in ends)
    rows = [interpolate(model, path)[0] for path in paths]
    texts = [[f"left: {first}", f"right: {last}"] for first, last in ends]
    record = {"seed": seed, "steps": _STEPS, "rows": [_records(pair) for pair in pairs]}
    return _draw_rows(np.stack(rows), texts), record


def _noise_interpolation(
    model: TextToImage, split: Split, rng: np.random.Generator
) -> _Figure:
    """Goes from noise to noise at each caption (Fig. 8, right)."""
    examples = _draw_examples(split, _PATHS, rng)
    first, last = _draw_seeds(2, rng)
    captions = [example.caption for example in examples]
    path = Interpolation(captions, [first, last], _STEPS, changes_noise=True)
    rows = interpolate(model, path)
    headings = [f"seed {first}", *[""] * (_STEPS - 2), f"seed {last}"]
    figure = _draw_rows(rows, [[caption] for caption in captions], headings)
    record = {"seeds": [first, last], "steps": _STEPS, "noise_path": "linear"}
    return figure, {**record, "rows": _records(examples)}


def _style_transfer(
    model: TextToImage,
    style_encoder: StyleReader,
    split: Split,
    rng: np.random.Generator,
) -> _Figure:
    """Generates captions in the style of photographs (Fig. 6)."""
    styles = _draw_examples(split, _STYLES, rng)
    examples = _draw_examples(split, _STYLE_CAPTIONS, rng)
    captions = [example.caption for example in examples]
    style_images = _real_images(split, styles)
    images = transfer(model, style_encoder, style_images, captions)
    figure = draw_style_grid(style_images, images, captions, max_lines=None)
    record = {
        "styles": [{"image": style.image, "label": style.label} for style in styles],
        "columns": _records(examples),
    }
    return figure, record


def _draw_examples(
    split: Split, count: int, rng: np.random.Generator
) -> list[_Example]:
    """Draws images, and a caption of each, of classes that take turns.

    Neighbours are of different classes where the split has more than one, and no image
    comes twice before all of its class have come.
    """
    labels = np.asarray(split.labels)
    members = [
        rng.permutation(np.flatnonzero(labels == label))
        for label in rng.permutation(np.unique(labels))
    ]
    examples = []
    for i in range(count):
        turn, place = divmod(i, len(members))
        image = int(members[place][turn % len(members[place])])
        caption = rng.integers(*split.caption_offsets[image : image + 2])
        examples.append(_Example(split.captions[caption], image, int(labels[image])))
    return examples


def _draw_seeds(count: int, rng: np.random.Generator) -> list[int]:
    """Draws different seeds of noise."""
    return rng.choice(_SEEDS, count, replace=False).tolist()


def _real_images(split: Split, examples: Sequence[_Example]) -> np.ndarray:
    """Returns the images of examples, uint8 `[N, 64, 64, 3]`."""
    return center_crop(np.stack([split.images[example.image] for example in examples]))


def _records(examples: Sequence[_Example]) -> list[dict[str, Any]]:
    return [example._asdict() for example in examples]


def _draw_rows(
    rows: np.ndarray, texts: Sequence[Sequence[str]], headings: Sequence[str] = ()
) -> Image.Image:
    """Draws rows `[R, columns, H, W, 3]`, the texts of each below it, whole."""
    return draw_grid(rows, [""] * len(rows), headings=headings, notes=texts)
