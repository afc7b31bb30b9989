"""What a drawn flower is: its vocabularies, the classes, and the draw of one image.

A class is a combination of the attributes that a botanist would call the species
(color, number, shape and arrangement of the petals, and the center). An image adds
what a photographer would change: background, pose, light, and a little variation.
"""

import dataclasses
from functools import lru_cache

import numpy as np

PETAL_COLORS = (
    "red",
    "orange",
    "yellow",
    "white",
    "pink",
    "purple",
    "blue",
    "turquoise",
)
PETAL_COUNTS = (4, 5, 6, 8, 12)
PETAL_SHAPES = ("round", "pointed", "narrow", "notched")
ARRANGEMENTS = ("single", "double")
CENTER_COLORS = ("yellow", "brown", "green", "white", "black")
CENTER_SIZES = ("small", "large")
BACKGROUNDS = ("foliage", "dark", "sky", "soil", "stone")

# Classes of every petal color, so that each split shows all the colors equally.
CLASSES_PER_COLOR = {"train": 10, "validation": 1, "test": 2}

# Centers that would not stand out from the petals.
_MERGING_CENTERS = {"yellow": ("yellow", "white"), "white": ("white",)}
# Backgrounds that a person could take for the petals.
_MERGING_BACKGROUNDS = {
    "red": ("soil",),
    "orange": ("soil",),
    "white": ("sky", "stone"),
    "blue": ("sky",),
    "turquoise": ("sky",),
}


@dataclasses.dataclass(frozen=True)
class FlowerClass:
    """The attributes that all flowers of one class share."""

    split: str
    petal_color: str
    petal_count: int
    petal_shape: str
    arrangement: str
    center_color: str
    center_size: str
    stamens: bool

    @property
    def name(self) -> str:
        """The class name, for example `pink_5_round_single`."""
        return (
            f"{self.petal_color}_{self.petal_count}"
            f"_{self.petal_shape}_{self.arrangement}"
        )


@dataclasses.dataclass(frozen=True)
class FlowerAttributes:
    """Everything that decides one image.

    The fields up to `stamens` come from the class. Lengths are fractions of the
    image's side, angles are radians, and the `*_shift` fields lie in [-1, 1]:
    where in its range of shades the flower is.
    """

    petal_color: str
    petal_count: int
    petal_shape: str
    arrangement: str
    center_color: str
    center_size: str
    stamens: bool
    leaves: bool
    background: str
    tilt: float
    tilt_direction: float
    rotation: float
    radius: float
    center_x: float
    center_y: float
    brightness: float
    warmth: float
    hue_shift: float
    saturation_shift: float
    value_shift: float
    noise_seed: int


@lru_cache(maxsize=4)
def flower_classes(seed: int = 0) -> tuple[FlowerClass, ...]:
    """Returns the classes; a class's position is its label.

    Every color has `CLASSES_PER_COLOR` classes in each split, no combination occurs
    twice, and so the test classes are combinations that training does not show.
    """
    combinations = [
        (count, shape, arrangement)
        for count in PETAL_COUNTS
        for shape in PETAL_SHAPES
        for arrangement in ARRANGEMENTS
    ]
    splits = [name for name, n in CLASSES_PER_COLOR.items() for _ in range(n)]
    classes = []
    for number, color in enumerate(PETAL_COLORS):
        rng = np.random.default_rng([seed, number])
        chosen = rng.permutation(len(combinations))[: len(splits)]
        centers = [c for c in CENTER_COLORS if c not in _MERGING_CENTERS.get(color, ())]
        for split, index in zip(splits, chosen, strict=True):
            count, shape, arrangement = combinations[index]
            classes.append(
                FlowerClass(
                    split=split,
                    petal_color=color,
                    petal_count=count,
                    petal_shape=shape,
                    arrangement=arrangement,
                    center_color=centers[rng.integers(len(centers))],
                    center_size=CENTER_SIZES[rng.integers(len(CENTER_SIZES))],
                    stamens=bool(rng.integers(2)),
                )
            )
    return tuple(classes)


def sample_attributes(label: int, index: int, seed: int = 0) -> FlowerAttributes:
    """Draws the image-level attributes of image number `index` of class `label`."""
    kind = flower_classes(seed)[label]
    rng = np.random.default_rng([seed, 1000 + label, index])
    merging = _MERGING_BACKGROUNDS.get(kind.petal_color, ())
    backgrounds = [name for name in BACKGROUNDS if name not in merging]
    return FlowerAttributes(
        petal_color=kind.petal_color,
        petal_count=kind.petal_count,
        petal_shape=kind.petal_shape,
        arrangement=kind.arrangement,
        center_color=kind.center_color,
        center_size=kind.center_size,
        stamens=kind.stamens,
        leaves=bool(rng.random() < 0.6),
        background=backgrounds[rng.integers(len(backgrounds))],
        tilt=float(rng.beta(1.2, 2.0) * 0.95),
        tilt_direction=float(rng.uniform(0, np.pi)),
        rotation=float(rng.uniform(0, 2 * np.pi)),
        radius=float(rng.uniform(0.28, 0.365)),
        center_x=float(0.5 + rng.uniform(-0.045, 0.045)),
        center_y=float(0.49 + rng.uniform(-0.045, 0.045)),
        brightness=float(rng.uniform(0.88, 1.08)),
        warmth=float(rng.uniform(-0.05, 0.06)),
        hue_shift=float(rng.uniform(-1, 1)),
        saturation_shift=float(rng.uniform(-1, 1)),
        value_shift=float(rng.uniform(-1, 1)),
        noise_seed=int(rng.integers(2**31)),
    )
