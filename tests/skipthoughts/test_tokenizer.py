from hypothesis import given
from hypothesis import strategies as st

from skipthoughts.tokenizer import tokenize


def test_words_and_punctuation_are_tokens():
    assert tokenize("This flower's petals are blue-green, 5cm!") == [
        "this",
        "flower's",
        "petals",
        "are",
        "blue-green",
        ",",
        "5cm",
        "!",
    ]


def test_case_is_kept_on_request():
    assert tokenize("Red RED", lowercase=False) == ["Red", "RED"]


def test_forms_of_the_same_character_are_one():
    assert tokenize("caf\u00e9") == tokenize("cafe\u0301")
    assert tokenize("\ufb01ve") == ["five"]


def test_unprintable_text_has_no_tokens():
    for text in ("", " \t\n", "\u200b", "\x00", "\ud800"):
        assert tokenize(text) == []


@given(st.text(st.characters()), st.booleans())
def test_any_text_gives_tokens_that_a_line_of_a_file_can_hold(text, lowercase):
    for token in tokenize(text, lowercase):
        assert token and not any(character.isspace() for character in token)
        token.encode("utf-8")
    assert tokenize(text, lowercase) == tokenize(text, lowercase)
