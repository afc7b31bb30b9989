"""Writes what `generate.py` makes: images, grids, and what they were made of."""

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from foundation.atomic import new_file, write_text
from foundation.boundary import read_json, reading
from foundation.errors import InputError
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.pictures.grid import draw_grid, fold
from text_to_image.pictures.style_grid import draw_style_grid

_RECORDS = "captions.json"
GRID_ROWS, GRID_COLUMNS = 32, 16  # more would not fit a screen
FOLDED_COLUMNS = 8  # of images that have no order of rows and columns
_SEEDS_AT_ONCE = 64  # between two moves of the progress bar


def make_directory(path: str) -> Path:
    """Makes the directory of `--outdir` unless it is there.

    Raises:
        InputError: it cannot be made.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"--outdir={path}: cannot be written ({error.strerror}); expected a "
            "directory of yours. Choose another --outdir"
        ) from error
    return Path(path)


def file_stem(index: int, caption: str) -> str:
    """Returns how files of a caption begin: letters, digits, hyphens, underscores."""
    ascii_text = unicodedata.normalize("NFKD", caption).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text.decode().lower())[:48].strip("-")
    return f"{index:03d}_{slug or 'caption'}"


def save(image: Image.Image, path: Path) -> None:
    """Writes a PNG whole or not at all."""
    with new_file(path) as file:
        image.save(file, format="PNG")


def write_images(
    model: TextToImage, captions: Sequence[str], seeds: Sequence[int], outdir: Path
) -> int:
    """Writes a PNG of each caption and seed, `grid.png` and `captions.json`.

    Returns:
        How many images there are.
    """
    earlier = _read_records(outdir)
    records, rows = [], []
    for index, caption in enumerate(tqdm(captions, unit="caption", disable=None)):
        images = model.generate([caption], seeds)[0]
        for seed, image in zip(seeds, images, strict=True):
            name = f"{file_stem(index, caption)}_seed{seed:04d}.png"
            save(Image.fromarray(image), outdir / name)
            records.append({"file": name, "caption": caption, "seed": seed})
        if index < GRID_ROWS:
            rows.append(images[:GRID_COLUMNS])
    save(draw_grid(np.stack(rows), captions[:GRID_ROWS]), outdir / "grid.png")
    _write_records(earlier, records, outdir)
    return len(records)


def grid_note(captions: int, seeds: int) -> str:
    """Returns what `grid.png` leaves out, as the end of a line; "" if nothing."""
    rows, columns = min(captions, GRID_ROWS), min(seeds, GRID_COLUMNS)
    if (rows, columns) == (captions, seeds):
        return ""
    return f" (the first {rows} of {captions:,} captions, {columns} of {seeds:,} seeds)"


def write_unconditional(model: TextToImage, seeds: Sequence[int], outdir: Path) -> int:
    """Writes a PNG of each seed, and `grid.png`, of a run that reads no captions.

    Returns:
        How many images there are.
    """
    shown = []
    for start in tqdm(range(0, len(seeds), _SEEDS_AT_ONCE), disable=None):
        some = seeds[start : start + _SEEDS_AT_ONCE]
        images = model.generate_unconditional(some)
        for seed, image in zip(some, images, strict=True):
            save(Image.fromarray(image), outdir / f"seed{seed:04d}.png")
        shown.append(images)
    grid = fold(np.concatenate(shown), FOLDED_COLUMNS)[:GRID_ROWS]
    columns = grid.shape[1]
    captions = [
        "seeds " + ", ".join(map(str, seeds[row * columns : (row + 1) * columns]))
        for row in range(len(grid))
    ]
    save(draw_grid(grid, captions), outdir / "grid.png")
    return len(seeds)


def write_style_transfer(
    style_images: np.ndarray,
    style_paths: Sequence[str],
    images: np.ndarray,
    captions: Sequence[str],
    outdir: Path,
) -> int:
    """Writes a PNG of each style and caption, `style_grid.png` and `captions.json`.

    Args:
        style_images: uint8 `[styles, H, W, 3]`, as the style encoder saw them.
        style_paths: of their files.
        images: uint8 `[styles, captions, H, W, 3]`.
        captions: of the columns.
        outdir: where to.

    Returns:
        How many images there are.
    """
    earlier = _read_records(outdir)
    records = []
    for style, (path, row) in enumerate(zip(style_paths, images, strict=True)):
        for index, (caption, image) in enumerate(zip(captions, row, strict=True)):
            name = f"{file_stem(index, caption)}_style{style:03d}.png"
            save(Image.fromarray(image), outdir / name)
            records.append({"file": name, "caption": caption, "style_image": path})
    grid = draw_style_grid(
        style_images[:GRID_ROWS],
        images[:GRID_ROWS, :GRID_COLUMNS],
        captions[:GRID_COLUMNS],
    )
    save(grid, outdir / "style_grid.png")
    _write_records(earlier, records, outdir)
    return len(records)


def _read_records(outdir: Path) -> list[dict[str, Any]]:
    """Reads what earlier calls wrote to `captions.json`.

    Raises:
        InputError: it is not a list of what `generate.py` makes.
    """
    path = outdir / _RECORDS
    if not path.exists():
        return []
    expected = "what generate.py wrote; move it away, or choose another --outdir"
    records = read_json(path, list, expected)
    with reading(path, expected):
        if not all(isinstance(record["file"], str) for record in records):
            raise ValueError("a record without the name of its file")
    return records


def _write_records(
    earlier: Sequence[dict[str, Any]], records: Sequence[dict[str, Any]], outdir: Path
) -> None:
    """Writes what images are in the directory, those of earlier calls first."""
    new = {record["file"] for record in records}
    there = {path.name for path in outdir.iterdir()}
    kept = [r for r in earlier if r["file"] in there and r["file"] not in new]
    write_text(outdir / _RECORDS, json.dumps([*kept, *records], indent=2) + "\n")
