"""What does a caption say of a drawn flower?

The rules are made for the grammar of `rendered_flowers`. They read most captions that
people wrote too, where these name a color together with what has it.
"""

import re
from collections.abc import Mapping

from text_to_image.metrics.colors.caption_colors import COLOR_WORDS

PETAL_COUNTS = ("4", "5", "6", "8", "12")
CENTER_COLORS = ("yellow", "brown", "green", "white", "black")
BACKGROUNDS = ("foliage", "dark", "sky", "soil", "stone")

_NUMBERS = {"four": "4", "five": "5", "six": "6", "eight": "8", "twelve": "12"}
_CENTER_WORDS = COLOR_WORDS | {color: color for color in CENTER_COLORS}
_GROUND_WORDS = {
    "foliage": "foliage|leaves|leafy|garden|hedge",
    "dark": "dark|dim|shadow",
    "sky": "sky",
    "soil": "soil|earth|ground|bed",
    "stone": "stone|rock|wall",
}
_BEFORE = re.compile(r"\b(?:against|in front of) (.*)", re.DOTALL)
_PETALS_NOUN = re.compile("petals?|flowers?|blossoms?|blooms?|wildflowers?")
_CENTER_NOUN = re.compile("cent(?:er|re)s?|middle|dis[ck]|eye|core|pistils?")
_OTHER_NOUN = re.compile(
    "stamens?|anthers?|filaments?|stigma|style|pollen|lea(?:f|ves)|stems?|sepals?"
    "|buds?|receptacle|spots?|veins?|stripes?|lines?|edges?|tips?|foliage|background"
    "|sky|earth|soil|stone|wall|bed"
)
_VERB = re.compile("is|are|was|were|in|being|colou?red")
_NEXT_PHRASE = re.compile("the|a|an|some|its|this|that|which|with|has|have|by|around")
# In "there are pink petals" no noun precedes the verb; in "the center of this flower
# is yellow" the nearest one is not the subject.
_ASIDES = re.compile(
    r"\bthere (?:is|are)\b|\b(?:of|on) (?:this|the|a|that) (?:flower|plant|bloom)\b"
)


def named_petal_color(caption: str) -> str | None:
    """Returns the one color that a caption gives to the petals.

    Args:
        caption: such as "this flower has long pink petals and a yellow center".

    Returns:
        A color of `COLOR_WORDS`, or None if the caption names no color for the
        petals, or more than one.
    """
    return _color_of(_PETALS_NOUN, COLOR_WORDS, caption)


def named_center_color(caption: str) -> str | None:
    """Returns the one of `CENTER_COLORS` that a caption gives to the center."""
    color = _color_of(_CENTER_NOUN, _CENTER_WORDS, caption)
    return color if color in CENTER_COLORS else None


def named_petal_count(caption: str) -> str | None:
    """Returns the one of `PETAL_COUNTS` that a caption names as a word."""
    words = re.findall(r"[a-z]+", caption.lower())
    return _only({_NUMBERS[word] for word in words if word in _NUMBERS})


def named_background(caption: str) -> str | None:
    """Returns the one of `BACKGROUNDS` that a caption puts the flower in front of."""
    behind = _BEFORE.search(caption.lower())
    if behind is None:
        return None
    words = re.findall(r"[a-z]+", behind[1])
    return _only(
        {
            ground
            for ground, names in _GROUND_WORDS.items()
            if any(re.fullmatch(names, word) for word in words)
        }
    )


def _color_of(
    noun: re.Pattern[str], colors: Mapping[str, str], caption: str
) -> str | None:
    """Returns the one color that a caption gives to a noun, or None."""
    flower = _BEFORE.sub("", caption.lower())  # the ground has colors of its own
    words = re.findall(r"[a-z]+", _ASIDES.sub("", flower))
    found = {
        colors[word]
        for i, word in enumerate(words)
        if word in colors and noun.fullmatch(_described(words, i))
    }
    return _only(found)


def _only(found: set[str]) -> str | None:
    return found.pop() if len(found) == 1 else None


def _described(words: list[str], position: int) -> str:
    """Returns the noun that the color at `position` belongs to, or ""."""
    kinds = [_kind(word) for word in words]
    # What came last decides between "petals are pink" and "pink petals".
    before = [kind for kind in kinds[:position] if kind != "other"]
    if not before or before[-1] != "verb":
        for word, kind in zip(
            words[position + 1 :], kinds[position + 1 :], strict=True
        ):
            if kind == "noun":
                return word
            if kind != "other":
                break
    nouns = [words[i] for i in range(position) if kinds[i] == "noun"]
    return nouns[-1] if nouns else ""


def _kind(word: str) -> str:
    if any(noun.fullmatch(word) for noun in (_PETALS_NOUN, _CENTER_NOUN, _OTHER_NOUN)):
        return "noun"
    if _VERB.fullmatch(word):
        return "verb"
    return "break" if _NEXT_PHRASE.fullmatch(word) else "other"
