"""`evaluate.py style`: does S(x) tell the background of a photograph (Sec. 5.3)?

As in Fig. 5: are two images of the same style, or not? Style is the color of the
background; pose, the paper's other style, needs keypoints, which flowers have not. The
second measure asks whether a transferred image has the background that S was shown.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import auc, roc_curve
from tqdm import tqdm

from foundation.errors import InputError
from text_to_image.data.cache import Split
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.mean_captions import mean_captions
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.metrics.colors.background import SEGMENTATION, background_color
from text_to_image.metrics.statistics.k_means import k_means
from text_to_image.style.inversion import StyleReader
from text_to_image.style.transfer import transfer

CLUSTERS, FOLDS = 100, 5  # Sec. 5.3
PAIRS = 1000  # of each kind in a fold, at most
RATES = np.linspace(0, 1, 101)  # of false positives, at which curves are averaged
CAPTIONS_A_STYLE = 10
_THUMBNAIL = 8  # pixels
_SHUFFLES = 100
_STYLES_A_CALL = 8  # between ticks of the progress bar


def verify_style(
    features: dict[str, np.ndarray],
    colors: np.ndarray,
    clusters: int = CLUSTERS,
    folds: int = FOLDS,
    pairs: int = PAIRS,
    seed: int = 0,
) -> dict[str, Any]:
    """Tells pairs of the same style from others by the cosine of their features.

    Images are grouped by K-means of their colors. The folds are disjoint sets of
    images; within each, as many pairs of one group as of two are drawn, the same for
    all features.

    Args:
        features: float `[N, F]` by name.
        colors: float `[N, 3]`, of the background.
        clusters: K.
        folds: number of folds.
        pairs: of one group, in a fold; fewer where there are fewer.
        seed: of groups, folds and pairs.

    Returns:
        `curves` by name: `auc` and `auc_sd`, mean and standard deviation over the
        folds of the area under the curve; `true_rates` at the false-positive rates
        `RATES`, mean over the folds. And the protocol: `images`, `clusters`, `folds`,
        `pairs` of each fold, half of them of one group.

    Raises:
        InputError: more clusters than images, or a fold without pairs of either kind.
    """
    if clusters > len(colors):
        raise InputError(
            f"--clusters={clusters}: more than the {len(colors)} images; expected far "
            f"fewer, as --clusters={max(2, len(colors) // 10)}"
        )
    groups = k_means(colors, clusters, seed)
    rng = np.random.default_rng(seed)
    drawn = [
        _draw_pairs(fold, groups, pairs, rng)
        for fold in np.array_split(rng.permutation(len(colors)), folds)
    ]
    return {
        "images": len(colors),
        "clusters": clusters,
        "folds": folds,
        "pairs": [len(same) for *_, same in drawn],
        "curves": {name: _curve(values, drawn) for name, values in features.items()},
    }


_Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]  # images, images, of one group?


def _draw_pairs(
    fold: np.ndarray, groups: np.ndarray, count: int, rng: np.random.Generator
) -> _Pairs:
    first, second = (fold[i] for i in np.triu_indices(len(fold), 1))
    same = groups[first] == groups[second]
    count = min(count, same.sum(), (~same).sum())
    if not count:
        raise InputError(
            f"a fold of {len(fold)} images has no two of one cluster of background "
            f"color, or none of two; expected both: fewer clusters than --clusters="
            f"{groups.max() + 1}, at least 2, or a larger --split"
        )
    chosen = np.concatenate(
        [
            rng.choice(np.flatnonzero(kind), count, replace=False)
            for kind in (same, ~same)
        ]
    )
    return first[chosen], second[chosen], same[chosen]


def _curve(features: np.ndarray, drawn: Sequence[_Pairs]) -> dict[str, Any]:
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    directions = features / np.maximum(norms, np.finfo(np.float32).tiny)
    areas, true_rates = [], []
    for first, second, same in drawn:
        cosines = (directions[first] * directions[second]).sum(axis=1)
        false_rate, true_rate, _ = roc_curve(same, cosines)
        areas.append(auc(false_rate, true_rate))
        true_rates.append(np.interp(RATES, false_rate, true_rate))
    return {
        "auc": float(np.mean(areas)),
        "auc_sd": float(np.std(areas)),
        "true_rates": np.mean(true_rates, axis=0),
    }


def measure_style(
    style_encoders: dict[str, StyleReader], split: Split, clusters: int, seed: int
) -> dict[str, Any]:
    """Verifies the style of the images of a split by S, and by two controls.

    The controls are the mean caption vector of an image, which knows the style only as
    far as captions tell it (Fig. 5), and its pixels, averaged to 8 x 8. Both are taken
    from the mean of the split: cosines of vectors that all point the same way, as
    these do, would make the controls weaker than they are.

    Args:
        style_encoders: by the name that they are reported under.
        split: real images, by default of classes that training did not see.
        clusters: K of the K-means.
        seed: of groups, folds and pairs.

    Returns:
        What `verify_style` does, and `segmentation`, the rule that found the
        background.
    """
    images = center_crop(np.asarray(split.images))
    features = {name: s.styles(images) for name, s in style_encoders.items()}
    features["control: captions"] = _centered(mean_captions(split))
    features["control: 8 x 8 pixels"] = _centered(_thumbnails(images))
    result = verify_style(features, background_color(images), clusters, seed=seed)
    return {"segmentation": SEGMENTATION, **result}


def _thumbnails(images: np.ndarray) -> np.ndarray:
    side = images.shape[1] // _THUMBNAIL
    blocks = images.reshape(len(images), _THUMBNAIL, side, _THUMBNAIL, side, 3)
    return blocks.mean(axis=(2, 4), dtype=np.float32).reshape(len(images), -1)


def _centered(features: np.ndarray) -> np.ndarray:
    return features - features.mean(axis=0)


def transfer_correlation(
    model: TextToImage,
    style_encoder: StyleReader,
    split: Split,
    num_images: int,
    seed: int,
) -> dict[str, Any]:
    """Compares the background of style images with that of transferred images.

    Args:
        model: the run that generates.
        style_encoder: S of the run.
        split: whose images and, drawn apart from them, captions.
        num_images: images to generate, 10 captions a style image.
        seed: which images, captions and shuffles.

    Returns:
        `correlation` of `color_correlation`; `shuffled` and `shuffled_sd`, mean and
        standard deviation over 100 shuffles of the style images, which is chance;
        `styles` and `captions`, their numbers; `segmentation`.
    """
    rng = np.random.default_rng(seed)
    count = min(max(3, num_images // CAPTIONS_A_STYLE), len(split.images))
    chosen = rng.choice(len(split.images), count, replace=False)
    style_images = center_crop(np.stack([split.images[i] for i in chosen]))
    sentences = min(CAPTIONS_A_STYLE, len(split.captions))
    rows = rng.choice(len(split.captions), sentences, replace=False)
    captions = [split.captions[i] for i in rows]
    generated = []
    for start in tqdm(range(0, count, _STYLES_A_CALL), "transferring", disable=None):
        some = style_images[start : start + _STYLES_A_CALL]
        images = transfer(model, style_encoder, some, captions)  # [8, captions, …]
        colors = background_color(images.reshape(-1, *images.shape[2:]))
        generated.append(colors.reshape(len(some), sentences, 3))
    shown, got = background_color(style_images), np.concatenate(generated)
    shuffled = [
        color_correlation(rng.permutation(shown), got) for _ in range(_SHUFFLES)
    ]
    return {
        "correlation": color_correlation(shown, got),
        "shuffled": float(np.mean(shuffled)),
        "shuffled_sd": float(np.std(shuffled)),
        "styles": count,
        "captions": sentences,
        "segmentation": SEGMENTATION,
    }


def color_correlation(shown: np.ndarray, generated: np.ndarray) -> float:
    """Returns Pearson's correlation of each channel over all images, on average.

    Args:
        shown: float `[K, 3]`, colors of K style images.
        generated: float `[K, C, 3]`, of the C images in each style.

    Returns:
        -1 to 1; a channel without variation counts 0.
    """
    x = np.repeat(shown, generated.shape[1], axis=0).astype(np.float64)
    y = generated.reshape(-1, generated.shape[2]).astype(np.float64)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    scale = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    return float(np.mean((x * y).sum(axis=0) / np.where(scale > 0, scale, np.inf)))


def format_table(verified: dict[str, Any], transferred: dict[str, Any]) -> str:
    """Returns results of `measure_style` and `transfer_correlation` as text."""
    pairs, curves = verified["pairs"], verified["curves"]
    width = max(len(name) for name in curves) + 2
    lines = [
        f"same background color or not: {verified['images']} images, "
        f"{verified['clusters']} clusters, {verified['folds']} folds of "
        f"{min(pairs)}-{max(pairs)} pairs; chance 0.500",
        f"{'':{width}}  AUC  ± sd",
    ]
    for name, curve in curves.items():
        lines.append(f"{name:{width}}{curve['auc']:.3f}  {curve['auc_sd']:.3f}")
    lines.append(
        f"transfer: background color correlates {transferred['correlation']:.3f} with "
        f"the style image's, {transferred['shuffled']:.3f} ± "
        f"{transferred['shuffled_sd']:.3f} with another's ({transferred['styles']} "
        f"style images x {transferred['captions']} captions)"
    )
    return "\n".join(lines)
