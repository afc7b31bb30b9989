import re

import pytest

from data_prep.rendered_flowers.attributes import PETAL_COLORS, sample_attributes
from data_prep.rendered_flowers.grammar import CAPTIONS_PER_IMAGE, captions

NUMBERS = {4: "four", 5: "five", 6: "six", 8: "eight", 12: "twelve"}


@pytest.fixture(scope="module")
def written():
    """Returns (attributes, captions) of three images of every class."""
    pairs = []
    for label in range(104):
        for index in range(3):
            drawn = sample_attributes(label, index)
            pairs.append((drawn, captions(drawn, label, index)))
    return pairs


def test_ten_different_captions(written):
    for _, texts in written:
        assert len(texts) == len(set(texts)) == CAPTIONS_PER_IMAGE == 10


def test_captions_are_plain_lower_case_sentences(written):
    for _, texts in written:
        for text in texts:
            assert re.fullmatch(r"[a-z]+('s)?(,? [a-z]+('s)?)+", text), text
            assert " a a " not in text and not text.endswith((" a", " the", " with"))


def test_every_caption_names_the_color_and_no_other_petal_color(written):
    for drawn, texts in written:
        for text in texts:
            colors = [
                word for word in re.findall("[a-z]+", text) if word in PETAL_COLORS
            ]
            assert drawn.petal_color in colors
            assert set(colors) <= {drawn.petal_color, drawn.center_color}


def test_numbers_are_those_of_the_petals(written):
    for drawn, texts in written:
        said = set(re.findall("|".join(NUMBERS.values()), " ".join(texts)))
        assert said <= {NUMBERS[drawn.petal_count]}


def test_only_what_is_there_is_mentioned(written):
    for drawn, texts in written:
        joined = " ".join(texts)
        assert drawn.stamens or not re.search("stamen|anther", joined)
        assert drawn.leaves or not re.search(
            "green leaves (below|behind|under)", joined
        )


def test_one_fact_is_said_in_many_ways(written):
    texts = [text for _, picture in written for text in picture]
    words = {word for text in texts for word in re.findall("[a-z]+", text)}
    assert len(words) > 150
    assert len(set(texts)) > 0.9 * len(texts)
    assert len({text.split()[0] for text in texts}) > 20
    share_with_center = sum(bool(re.search("cent|disc|middle", t)) for t in texts)
    assert 0.4 < share_with_center / len(texts) < 0.95


def test_wording_depends_on_label_index_and_seed_only():
    drawn = sample_attributes(9, 4)
    assert captions(drawn, 9, 4) == captions(drawn, 9, 4)
    assert captions(drawn, 9, 4) != captions(drawn, 9, 5)
    assert captions(drawn, 9, 4) != captions(drawn, 9, 4, seed=1)
