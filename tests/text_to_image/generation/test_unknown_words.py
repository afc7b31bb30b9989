"""Warnings of words that an encoder has never seen."""

import numpy as np
import pytest

from text_to_image.generation.unknown_words import unknown_words_warnings


@pytest.mark.parametrize(
    ("caption", "named"),
    [
        ("a red flower", None),
        ("A RED flower!", None),  # the mark is unknown, and no word
        ("a zebra flower, a Zebra", "unknown words: zebra"),
        ("quagga with red zebra petals", "unknown words: quagga, with, zebra"),
        ("zebra quagga, zebra.", "no word that the encoder knows (zebra, quagga);"),
        ("?!", "no word that the encoder knows;"),
        ("\u82b1", "no word that the encoder knows (\u82b1);"),
    ],
)
def test_a_line_names_each_unknown_word_once(tiny_encoder, caption, named):
    warnings = unknown_words_warnings(tiny_encoder, [caption])
    if named is None:
        assert warnings == []
    else:
        (warning,) = warnings
        assert "\n" not in warning
        assert warning.startswith(f"{caption!r}: {named}"), warning


def test_many_captions_are_two_lines(tiny_encoder):
    captions = [f"a red zebra{i % 30} {'quagga' * 100}" for i in range(1000)]
    words, nothing = unknown_words_warnings(tiny_encoder, [*captions, "zebra"])
    assert words.startswith(f"unknown words: {'quagga' * 6}qua… (1000 times), zebra")
    assert words.endswith(" and 22 more")
    assert "knows in 'zebra'; " in nothing
    assert max(len(words), len(nothing)) < 500


def test_pictures_are_made_all_the_same(model):
    known, unknown = model.generate(["a red flower", "zebra quagga."], range(3))
    assert unknown.std() > 1 and not np.array_equal(known, unknown)
