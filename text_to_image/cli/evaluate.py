"""`evaluate.py`: measures a run, prints a table, adds a line to metrics.jsonl."""

from typing import TYPE_CHECKING, Any

import numpy as np
from absl import flags
from tqdm import tqdm

from skipthoughts.errors import InputError, run
from text_to_image.metrics.diversity import spread
from text_to_image.metrics.petal_color import color_agreement, named_petal_color

if TYPE_CHECKING:
    from text_to_image.dataset import Split
    from text_to_image.sampling import TextToImage

_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Run directory that train.py wrote.", required=True
)
_CACHE_DIR = flags.DEFINE_string(
    "cache_dir", "", "Cache with the captions; empty: that of the run."
)
_SPLIT = flags.DEFINE_enum(
    "split", "test", ["train", "validation", "test"], "Whose captions."
)
_NUM_IMAGES = flags.DEFINE_integer(
    "num_images", 500, "Pictures that are scored.", lower_bound=1
)
_SEED = flags.DEFINE_integer("seed", 0, "Which captions, which noise.", lower_bound=0)

_SPREAD_CAPTIONS, _SPREAD_SEEDS = 16, 8


def main(argv: list[str]) -> None:
    """Measures what the command names."""
    if argv[1:] != ["colors"]:
        raise InputError(
            f"{' '.join(argv[1:]) or 'no command'}: expected one of: colors; as "
            "python evaluate.py colors --workdir=runs/quickstart"
        )
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.dataset import Cache
    from text_to_image.run_directory import RunDirectory
    from text_to_image.sampling import TextToImage

    model = TextToImage.load(_WORKDIR.value)
    run_directory = RunDirectory(_WORKDIR.value)
    cache = Cache(_CACHE_DIR.value or model.description.config.cache_dir)
    if cache.manifest_sha256 != model.description.manifest_sha256:
        raise InputError(
            f"--cache_dir={cache.directory}: not the cache that {_WORKDIR.value} was "
            "trained on; name that one with --cache_dir"
        )
    result = measure_colors(
        model, cache.split(_SPLIT.value), _NUM_IMAGES.value, _SEED.value
    )
    record: dict[str, Any] = {
        "step": model.step,
        "metric": "color_agreement",
        "dataset": cache.dataset,
        "split": _SPLIT.value,
        "seed": _SEED.value,
        "image_size": 64,
        **result,
    }
    run_directory.append_metrics(record)
    print(format_table(record))
    print(f"appended to {run_directory.metrics}")


def measure_colors(
    model: "TextToImage", split: "Split", num_images: int, seed: int
) -> dict[str, Any]:
    """Scores pictures of captions that name one petal colour, and their spread.

    Args:
        model: a trained run.
        split: whose captions; one an image at most.
        num_images: pictures, fewer where fewer images have such a caption.
        seed: which captions and which noise.

    Returns:
        `generated`, `real` (the images that the captions belong to), `shuffled` (the
        generated ones against others' captions): accuracies and chance of
        `color_agreement`; `spread` of the pictures of one caption, and
        `spread_real` of real images of one class, in 8-bit pixels.

    Raises:
        InputError: no caption names one petal colour.
    """
    from text_to_image.dataset import center_crop

    rng = np.random.default_rng(seed)
    images, captions = _colored_captions(split, rng, num_images)
    generated = np.stack(
        [
            model.generate([caption], [i])[0, 0]
            for i, caption in enumerate(tqdm(captions, unit="picture", disable=None))
        ]
    )
    real = center_crop(np.stack([split.images[i] for i in images]))
    some = captions[:_SPREAD_CAPTIONS]
    of_one_caption = model.generate(some, range(_SPREAD_SEEDS))
    return {
        "generated": color_agreement(generated, captions),
        "real": color_agreement(real, captions),
        "shuffled": color_agreement(generated, rng.permutation(captions).tolist()),
        "spread": spread(of_one_caption),
        "spread_real": spread(_images_of_classes(split, rng)),
    }


def _colored_captions(
    split: "Split", rng: np.random.Generator, count: int
) -> tuple[list[int], list[str]]:
    images, captions = [], []
    for i in rng.permutation(len(split.images)):
        own = split.captions[split.caption_offsets[i] : split.caption_offsets[i + 1]]
        colored = [caption for caption in own if named_petal_color(caption)]
        if colored:
            images.append(int(i))
            captions.append(colored[rng.integers(len(colored))])
        if len(captions) == count:
            break
    if not captions:
        raise InputError(
            "no caption names one petal colour; expected a data set of flowers, as "
            "rendered_flowers"
        )
    return images, captions


def _images_of_classes(split: "Split", rng: np.random.Generator) -> np.ndarray:
    """Returns real images, uint8 `[classes, up to 8, 64, 64, 3]`."""
    from text_to_image.dataset import center_crop

    labels = np.asarray(split.labels)
    classes, sizes = np.unique(labels, return_counts=True)
    count = min(_SPREAD_SEEDS, sizes.min())
    groups = []
    for label in classes:
        members = np.flatnonzero(labels == label)
        chosen = rng.choice(members, count, replace=False)
        groups.append(np.stack([split.images[i] for i in chosen]))
    return np.stack([center_crop(group) for group in groups])


def format_table(record: dict[str, Any]) -> str:
    """Returns the result as text, with all of its protocol."""
    chance = record["generated"]["chance"]
    lines = [
        f"petal colour read back, {record['dataset']} {record['split']} captions, "
        f"step {record['step']}, seed {record['seed']}, "
        f"{record['generated']['n']} pictures; chance {chance:.3f}",
        f"{'':24}accuracy  balanced",
    ]
    for name, title in (
        ("generated", "generated"),
        ("shuffled", "with others' captions"),
        ("real", "real images"),
    ):
        scores = record[name]
        lines.append(
            f"{title:24}{scores['accuracy']:8.3f}  {scores['balanced_accuracy']:8.3f}"
        )
    lines.append(
        f"spread of one caption's pictures {record['spread']:.1f}, of real images of "
        f"one class {record['spread_real']:.1f} (8-bit pixels)"
    )
    return "\n".join(lines)


def console() -> None:
    """The console script `t2i-evaluate`."""
    run(main)
