"""Words for a drawn flower: many ways to say the same attributes."""

import re

import numpy as np

from data_prep.rendered_flowers.attributes import FlowerAttributes

CAPTIONS_PER_IMAGE = 10

_NUMBERS = {4: "four", 5: "five", 6: "six", 8: "eight", 12: "twelve"}
_SHAPES = {
    "round": ("round", "rounded", "broad", "wide and rounded", "smooth round"),
    "pointed": ("pointed", "pointy", "sharp", "tapered", "star shaped"),
    "narrow": ("narrow", "thin", "slender", "long thin", "long and narrow"),
    "notched": ("notched", "heart shaped", "indented", "split tipped", "lobed"),
}
_LAYERS = {
    "single": ("in a single layer", "in one row", "in one ring", "that lie flat"),
    "double": (
        "in two layers",
        "layered on top of each other",
        "in overlapping rows",
        "stacked in two rings",
    ),
}
_TINTS = ("", "", "", "bright ", "vivid ", "deep ", "soft ", "pretty ", "rich ")
_SIZES = {
    "small": ("small", "tiny", "little", "compact"),
    "large": ("large", "big", "wide", "prominent"),
}
_GROUNDS = {
    "foliage": ("green foliage", "blurred green leaves", "a leafy garden"),
    "dark": ("a dark background", "deep shadow", "a dim background"),
    "sky": ("a pale sky", "a cloudy sky", "the open sky"),
    "soil": ("bare soil", "the earth", "dry ground"),
    "stone": ("a stone wall", "grey stone", "a rough rock"),
}

# One alternative is drawn for every bracket; braces name the phrases of `_phrases`.
_MAIN = (
    "[this|the|a] flower [has|with] {petals}",
    "[this|the] flower has {petals}",
    "[the petals of this flower|this flower's petals|its petals] are {predicate}",
    "a {tint}{color} [flower|blossom|bloom] [with|that has] {shape} petals",
    "[this is|here is] a {tint}{color} [flower|blossom] with {number} {shape} petals",
    "[this|the] [blossom|bloom|plant] [shows|displays|bears|carries] {petals}",
    "{petals} [surround|form a ring around|are arranged around] the middle",
    "[the|this] flower has petals that are {predicate}",
    "a [flower|blossom] [made up of|composed of|formed by] {petals}",
    "the [flower|bloom] [shown|pictured|seen here] has {petals}",
)
_CENTER = (
    "[with|and] a {size} {center} [center|centre|middle|disc]",
    "and the [center|centre|middle] is {center}",
    "around a {center} [center|centre|disc]",
    ", [the|its] {center} [center|centre|middle] is {size}",
    "and has a {center} [center|pistil|disc]",
)
_ASIDES = {
    "stamens": (
        "[with|and] [visible|long|fine] stamens",
        "with [thin|delicate] stamens [standing out|reaching outwards]",
        "and [many|several] [anthers|stamens] [can be seen|are visible]",
    ),
    "layers": (", the petals are {layers}", "with petals {layers}"),
    "leaves": (
        "[with|and] green leaves [below|behind the petals|underneath]",
        "and [a few|some] [dark green|pointed green] leaves",
    ),
    "ground": ("[against|in front of|on] {ground}",),
}


def captions(attributes: FlowerAttributes, label: int, index: int, seed: int = 0):
    """Returns the ten captions of a flower, all different.

    Every caption names the colour of the petals; the rest is said in some of them.

    Args:
        attributes: the flower.
        label: of its class; with `index` and `seed`, decides the wording.
        index: of the picture within its class.
        seed: of the data set.

    Returns:
        A list of `CAPTIONS_PER_IMAGE` lower-case strings.
    """
    rng = np.random.default_rng([seed, 5000 + label, index])
    written: dict[str, None] = {}  # keeps the order, refuses a repetition
    while len(written) < CAPTIONS_PER_IMAGE:
        written[_caption(attributes, rng)] = None
    return list(written)


def _caption(attributes: FlowerAttributes, rng: np.random.Generator) -> str:
    parts = [_pick(_MAIN, rng)]
    if rng.random() < 0.7:
        parts.append(_pick(_CENTER, rng))
    asides = ["layers"]
    if attributes.stamens:
        asides.append("stamens")
    if attributes.leaves:
        asides.append("leaves")
    asides.append("ground")
    if rng.random() < 0.5:
        parts.append(_pick(_ASIDES[_pick(asides, rng)], rng))
    sentence = _choose(" ".join(parts), rng)
    for _ in range(2):  # a phrase may hold further phrases
        sentence = sentence.format_map(_phrases(attributes, rng))
    return re.sub(r"\s+", " ", sentence).replace(" ,", ",").strip()


def _phrases(attributes: FlowerAttributes, rng: np.random.Generator) -> dict[str, str]:
    """Returns a fresh wording of every attribute."""
    shape = _pick(_SHAPES[attributes.petal_shape], rng)
    number = _NUMBERS[attributes.petal_count]
    color, layers = attributes.petal_color, _pick(_LAYERS[attributes.arrangement], rng)
    tint = _pick(_TINTS, rng)
    petals = (
        f"{tint}{color} petals",
        f"{shape} {color} petals",
        f"{number} {tint}{color} petals",
        f"{number} {shape} {color} petals",
        f"{color} petals {layers}",
        f"{shape} petals that are {tint}{color}",
        f"{number} petals which are {shape} and {color}",
        f"{color} {shape} petals",
    )
    predicate = (
        f"{tint}{color}",
        f"{tint}{color} in color",
        f"{shape} and {color}",
        f"{color} and {shape}",
        f"{color} with {shape} [tips|ends|edges]",
        f"{tint}{color} and arranged {layers}".replace("arranged that lie", "lie"),
    )
    return {
        "tint": tint,
        "color": color,
        "shape": shape,
        "number": number,
        "layers": layers,
        "petals": _pick(petals, rng),
        "predicate": _choose(_pick(predicate, rng), rng),
        "center": attributes.center_color,
        "size": _pick(_SIZES[attributes.center_size], rng),
        "ground": _pick(_GROUNDS[attributes.background], rng),
    }


def _pick(options, rng: np.random.Generator) -> str:
    return options[rng.integers(len(options))]


def _choose(template: str, rng: np.random.Generator) -> str:
    """Replaces every `[one|another]` by one of its alternatives."""
    return re.sub(r"\[([^]]*)\]", lambda m: _pick(m[1].split("|"), rng), template)
