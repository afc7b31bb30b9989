"""`generate.py`: captions and seeds to PNG files and a grid."""

import json
import os
import re
import sys
import unicodedata
from pathlib import Path

import numpy as np
from absl import flags
from PIL import Image
from tqdm import tqdm

from skipthoughts.atomic import write_text
from skipthoughts.errors import InputError, run
from text_to_image.captions import read_captions
from text_to_image.grid import draw_grid

_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Run directory that train.py wrote.", required=True
)
_CAPTION = flags.DEFINE_multi_string(
    "caption", [], "A sentence about a flower; may be given several times."
)
_CAPTIONS_FILE = flags.DEFINE_string(
    "captions_file", "", "Sentences, one a line, instead of --caption."
)
_SEEDS = flags.DEFINE_string("seeds", "0-7", "Seeds of the noise: 0-7 or 0,2,5.")
_OUTDIR = flags.DEFINE_string("outdir", "pictures", "Where pictures are written.")

_GRID_ROWS = 32  # more would not fit a screen


def parse_seeds(text: str) -> list[int]:
    """Reads `0-7`, `0,2,5` or a mixture of both.

    Raises:
        InputError: anything else.
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if not match:
            raise InputError(f"--seeds={text}: expected 0-7 or 0,2,5")
        first = int(match[1])
        last = int(match[2] or match[1])
        if last < first:
            raise InputError(
                f"--seeds={text}: {first} is more than {last}, expected "
                f"--seeds={last}-{first}"
            )
        if last >= 2**62 or last - first >= 10_000:
            raise InputError(
                f"--seeds={text}: expected at most 10,000 seeds below 2^62"
            )
        seeds.extend(range(first, last + 1))
    return seeds


def file_name(index: int, caption: str, seed: int) -> str:
    """Returns the name of a picture; of a caption letters, digits and hyphens only."""
    ascii_text = unicodedata.normalize("NFKD", caption).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text.decode().lower())[:48].strip("-")
    return f"{index:03d}_{slug or 'caption'}_seed{seed:04d}.png"


def main(argv: list[str]) -> None:
    """Makes the pictures that the flags ask for."""
    if len(argv) > 1:
        raise InputError(
            f'{argv[1]!r}: expected flags only; quote a caption: --caption="…"'
        )
    captions = _captions()
    seeds = parse_seeds(_SEEDS.value)
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.sampling import TextToImage

    model = TextToImage.load(_WORKDIR.value)
    for caption in captions:
        unknown = model.encoder.unknown_words(caption)
        if unknown:
            words = ", ".join(unknown)
            print(f"warning: {caption!r}: unknown words: {words}", file=sys.stderr)
    outdir = Path(_OUTDIR.value)
    try:
        outdir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"--outdir={outdir}: cannot be written ({error.strerror}); expected a "
            "directory of yours. Choose another --outdir"
        ) from error
    files, rows = [], []
    for index, caption in enumerate(tqdm(captions, unit="caption", disable=None)):
        images = model.generate([caption], seeds)[0]
        for seed, image in zip(seeds, images, strict=True):
            name = file_name(index, caption, seed)
            _save(Image.fromarray(image), outdir / name)
            files.append({"file": name, "caption": caption, "seed": seed})
        if index < _GRID_ROWS:
            rows.append(images[:16])
    grid = outdir / "grid.png"
    _save(draw_grid(np.stack(rows), captions[:_GRID_ROWS]), grid)
    write_text(outdir / "captions.json", json.dumps(files, indent=2) + "\n")
    print(f"{len(files)} pictures of step {model.step}: {outdir}")
    print(f"grid: {grid}")


def _captions() -> list[str]:
    if bool(_CAPTION.value) == bool(_CAPTIONS_FILE.value):
        raise InputError(
            "no caption, or both --caption and --captions_file: expected one of them, "
            'as --caption="this flower has pink petals"'
        )
    if _CAPTIONS_FILE.value:
        return read_captions(_CAPTIONS_FILE.value)
    for caption in _CAPTION.value:
        if not caption.strip():
            raise InputError(
                f"--caption={caption!r}: empty, expected a sentence, as "
                '--caption="this flower has pink petals"'
            )
    return _CAPTION.value


def _save(image: Image.Image, path: Path) -> None:
    """Saves a PNG whole or not at all."""
    incomplete = path.with_name(f"incomplete.{path.name}")
    image.save(incomplete, format="PNG")
    os.replace(incomplete, path)


def console() -> None:
    """The console script `t2i-generate`."""
    run(main)
