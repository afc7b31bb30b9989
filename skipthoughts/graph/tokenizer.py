r"""`tokenizer.py` in TensorFlow operations: strings to tokens within a graph.

The patterns are RE2's, which has neither lookahead nor Unicode classes for `\w` and
`\s`; the tests hold them against the Python ones. Two things stay outside: Unicode
normalisation (NFKC), and splitting into sentences before the Treebank's rules, which
take a string for one sentence here.
"""

import tensorflow as tf

from skipthoughts.config import EncoderConfig

_WORD = r"[\pL\pN_]"
_SPACE = r"\s\pZ\x{85}\x{1c}-\x{1f}"
_CONTROL = r"[\p{Cc}\p{Cf}\p{Co}]"
_TOKEN = rf"({_WORD}+(?:['\x{{2019}}-]{_WORD}+)*|[^\pL\pN_{_SPACE}])"

# The Penn Treebank's rules in the order of NLTK's NLTKWordTokenizer. U+E000 stands for
# an apostrophe that begins a contraction while others are parted from their words.
_TREEBANK = (
    (r"([«\x{201c}\x{2018}\x{201e}]|`+)", r" \1 "),
    (r'^"', r"``"),
    (r"(``)", r" \1 "),
    (r"([ (\[{<])(\"|'{2})", r"\1 `` "),
    (r"(^|[^\pL\pN_])'((?i:re|ve|ll|m|t|s|d|n)(?:[^\pL\pN_]|$))", "\\1\ue000\\2"),
    (rf"(^|[^\pL\pN_])'({_WORD})", r"\1' \2"),
    ("\ue000", "'"),
    (r"([^.])(\.)([\])}>\"'»\x{201d}\x{2019} ]*)\s*$", r"\1 \2 \3 "),
    (r"([:,])([^\d])", r" \1 \2"),
    (r"([:,])$", r" \1 "),
    (r"(\.{2,})", r" \1 "),
    (r"([;@#$%&])", r" \1 "),
    (r"([\x{2012}-\x{2015}])", r" \1 "),
    (r"([^.])(\.)([\])}>\"']*)\s*$", r"\1 \2\3 "),
    (r"([?!])", r" \1 "),
    (r"([^'])' ", r"\1 ' "),
    (r"([*\]\[(){}<>])", r" \1 "),
    (r"--", r" -- "),
    (r"^(.*)$", r" \1 "),
    (r"([»\x{201d}\x{2019}])", r" \1 "),
    (r"(''|\")", r" '' "),
    (r"\s+", r" "),
    (r"([^' ])('[sSmMdD]?) ", r"\1 \2 "),
    (r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 "),
    (r"(?i)\b(can)(not)\b", r" \1 \2 "),
    (r"(?i)\b(d)('ye)\b", r" \1 \2 "),
    (r"(?i)\b(gim|lem)(me)\b", r" \1 \2 "),
    (r"(?i)\b(gon)(na)\b", r" \1 \2 "),
    (r"(?i)\b(got)(ta)\b", r" \1 \2 "),
    (r"(?i)\b(more)('n)\b", r" \1 \2 "),
    (r"(?i)\b(wan)(na)(\s)", r" \1 \2 \3"),
    (r"(?i) ('t)(is|was)\b", r" \1 \2 "),
)


def graph_tokens(texts: tf.Tensor, config: EncoderConfig) -> tf.RaggedTensor:
    """Splits sentences as `tokenize` does.

    Args:
        texts: string `[B]`, UTF-8 in normal form NFKC.
        config: tokenizer and case.

    Returns:
        Strings `[B, (words)]`.
    """
    texts = tf.strings.regex_replace(texts, rf"[{_SPACE}]", " ")
    texts = tf.strings.regex_replace(texts, _CONTROL, "")
    if config.lowercase:
        texts = tf.strings.lower(texts, encoding="utf-8")
    rules = _TREEBANK if config.tokenizer == "treebank" else ((_TOKEN, r" \1 "),)
    for pattern, replacement in rules:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return tf.strings.split(texts)
