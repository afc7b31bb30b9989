"""Where is the background of an image of a flower, and what color is it?

Reed et al. (2016, Sec. 5.3) take the background from hand-made segmentations of birds.
Flowers have none that also covers generated images, so it is read from the pixels,
without a network, by one rule for both.
"""

import numpy as np
from PIL import Image
from scipy.ndimage import median_filter

from text_to_image.metrics.colors.lab import lab_of, rgb_of
from text_to_image.metrics.statistics.k_means import nearest, refine

SEGMENTATION = "color_groups_v1"  # the rule's name in records; a new rule, a new name
_SIDE = 64
_GROUPS = 8  # colors that an image is reduced to
_ROUNDS = 8  # of the groups, then of flower against background
_RADIUS, _SOFTNESS = 0.36, 0.09  # of where flowers are expected, in image widths
# Prior probability of flower, at the rim and in the middle. High, for the color of the
# background: ground taken for flower does not change it, petals taken for ground do.
_LEAST, _MOST = 0.15, 0.85
_LEAST_SHARE = 0.02  # of an image, below which its background is not trusted
_RIM = 4  # pixels
_BATCH = 64  # bounds the memory


def background_mask(images: np.ndarray) -> np.ndarray:
    """Tells background from flower.

    The rule: (1) the pixels are reduced to 8 colors by k-means in CIELAB. (2) Flower
    and background are each a distribution over these colors; a pixel is a mixture of
    both, weighted by where it is (flower in the middle, background at the rim, and
    less likely flower where the color is a leaf's green or nearly black). The
    distributions are fitted by expectation maximisation from that prior alone.
    (3) A pixel goes with the majority of the 5 x 5 around it.

    Args:
        images: uint8 `[N, 64, 64, 3]`.

    Returns:
        bool `[N, 64, 64]`, True where background.
    """
    if images.shape[1:] != (_SIDE, _SIDE, 3) or images.dtype != np.uint8:
        raise ValueError(f"{images.dtype} {images.shape}, not uint8 [N, 64, 64, 3]")
    batches = range(0, len(images), _BATCH)
    masks = [_mask_of(images[start : start + _BATCH]) for start in batches]
    return np.concatenate([np.zeros((0, _SIDE, _SIDE), bool), *masks])


def background_color(images: np.ndarray) -> np.ndarray:
    """Returns the median color of the background, channel by channel.

    The median, because petals at the rim that are taken for background hardly move it.
    Where less than 2 % of an image is background, it is that of the rim, 4 pixels
    wide: a flower that fills the image is least likely there.

    Args:
        images: uint8 `[N, 64, 64, 3]`.

    Returns:
        float32 `[N, 3]` in CIELAB.
    """
    mask = background_mask(images)
    empty = mask.mean(axis=(1, 2)) < _LEAST_SHARE
    mask[empty] = _rim()
    colors = [
        np.median(lab_of(image)[here], axis=0)
        for image, here in zip(images, mask, strict=True)
    ]
    return np.array(colors, np.float32).reshape(len(images), 3)


def draw_segmentation(images: np.ndarray) -> Image.Image:
    """Draws what the rule sees: image, its flower on grey, color of the background.

    Args:
        images: uint8 `[N, 64, 64, 3]`.

    Returns:
        A sheet of four images a row, each with its two companions.
    """
    flower = np.where(background_mask(images)[..., None], np.uint8(128), images)
    swatches = np.broadcast_to(
        rgb_of(background_color(images))[:, None, None], images.shape
    )
    triples = np.concatenate([images, flower, swatches], axis=2)  # [N, 64, 192, 3]
    margins = ((0, -len(images) % 4), (2, 2), (2, 2), (0, 0))
    tiles = np.pad(triples, margins, constant_values=255)
    rows = tiles.reshape(-1, 4, *tiles.shape[1:]).transpose(0, 2, 1, 3, 4)
    return Image.fromarray(rows.reshape(-1, 4 * tiles.shape[2], 3))


def _mask_of(images: np.ndarray) -> np.ndarray:
    lab = lab_of(images)
    pixels = lab.reshape(len(images), -1, 3)  # [N, P, 3]
    means = refine(pixels[:, ::2], _far_apart(lab), _ROUNDS)  # [N, K, 3]
    group = nearest(pixels, means)  # [N, P]
    member = (group[..., None] == np.arange(_GROUPS)).astype(np.float32)  # [N, P, K]
    prior = _place().ravel() * _likely_petal(pixels)  # [N, P]
    flower = prior
    for _ in range(_ROUNDS):
        of_flower = _shares(flower, member)  # [N, P]
        of_ground = _shares(1 - flower, member)
        joint = prior * of_flower
        flower = joint / (joint + (1 - prior) * of_ground)
    return _majority(flower.reshape(lab.shape[:3]) < 0.5)


def _shares(weight: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Returns the share of each pixel's group in weighted pixels, `[N, P]`."""
    total = np.einsum("np,npk->nk", weight, member) + 1.0  # no group is impossible
    return np.einsum("nk,npk->np", total / total.sum(axis=1, keepdims=True), member)


def _far_apart(lab: np.ndarray) -> np.ndarray:
    """Returns colors of 4 x 4 blocks, each far from those before it, `[N, K, 3]`."""
    n, side = lab.shape[0], _SIDE // 4
    blocks = lab.reshape(n, side, 4, side, 4, 3).mean(axis=(2, 4)).reshape(n, -1, 3)
    means = [blocks.mean(axis=1)]
    squared = np.full(blocks.shape[:2], np.inf, np.float32)
    for _ in range(_GROUPS):
        squared = np.minimum(squared, ((blocks - means[-1][:, None]) ** 2).sum(axis=2))
        means.append(blocks[np.arange(n), squared.argmax(axis=1)])
    return np.stack(means[1:], axis=1)


def _place() -> np.ndarray:
    """Returns how likely a place is flower, float32 `[64, 64]`."""
    along = (np.arange(_SIDE) + 0.5) / _SIDE - 0.5
    radius = np.hypot(along, along[:, None])
    inside = 1 / (1 + np.exp((radius - _RADIUS) / _SOFTNESS))
    return (_LEAST + (_MOST - _LEAST) * inside).astype(np.float32)


def _likely_petal(lab: np.ndarray) -> np.ndarray:
    """Returns what a color leaves of the prior: less for leaves and shadow."""
    lightness, a, b = np.moveaxis(lab, -1, 0)
    chroma = np.hypot(a, b)
    green = (a < -0.25 * chroma) & (b > 0) & (chroma > 8)
    return np.where(green | (lightness < 15), np.float32(0.4), np.float32(1))


def _majority(mask: np.ndarray) -> np.ndarray:
    """Returns what most of the 5 x 5 pixels around each are, bool `[N, H, W]`."""
    return median_filter(mask.view(np.uint8), (1, 5, 5), mode="nearest").view(bool)


def _rim() -> np.ndarray:
    rim = np.ones((_SIDE, _SIDE), bool)
    rim[_RIM:-_RIM, _RIM:-_RIM] = False
    return rim
