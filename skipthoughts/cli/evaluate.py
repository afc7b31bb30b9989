r"""Measures what sentence vectors carry: retrieval, decoding or expansion.

Retrieval, on captions of classes that no encoder was trained on: is a caption's class
that of the nearest centroid, and is another caption of its image found among those of
all images? One row for each encoder, and for the baselines whose files are given:
  python -m skipthoughts evaluate retrieval --encoder=uni,bi,combine,triplet \
      --captions=test.txt --classes=test_classes.txt \
      --train_captions=train.txt --word_vectors=glove.6B.300d.txt

Captions are one a line with a blank line between images; classes are one a line, an
image each, in the same order.

Decoding, on held-out text: are the neighbours of a sentence likelier given its own
vector than given another sentence's? Uses the decoders of the encoder's training:
  python -m skipthoughts evaluate decoding --encoder=encoder \
      --workdir=encoder.training --corpus=held_out_novels/

Expansion: where is the true vector of a hidden word, seen from the predicted one?
  python -m skipthoughts evaluate expansion --encoder=encoder \
      --word_vectors=glove.6B.300d.txt

--json=results.jsonl appends a line with the numbers and how they came about.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from absl import flags

from foundation import hints
from foundation.atomic import append_or_warn
from foundation.errors import InputError
from foundation.flag_help import group
from foundation.table import print_table
from skipthoughts.cli.files import readable_file, writable_file
from skipthoughts.text_files import read_groups, read_lines, read_prose

if TYPE_CHECKING:
    import numpy as np

group("What is measured")
_ENCODER = flags.DEFINE_list(
    "encoder", [], "Directories of encoders, comma-separated; one, but for retrieval."
)
_JSON = flags.DEFINE_string("json", "", "File to append the results to as one line.")
_SEED = flags.DEFINE_integer("seed", 0, "Of everything that is drawn.", lower_bound=0)
_CAPTIONS = flags.DEFINE_string(
    "captions", "", "Text file, one caption a line, a blank line between images."
)
_WORD_VECTORS = flags.DEFINE_string(
    "word_vectors", "", "File of GloVe or word2vec, perhaps gzipped."
)
group("Retrieval")
_CLASSES = flags.DEFINE_string(
    "classes", "", "Text file, the class of each image of --captions a line."
)
_TRAIN_CAPTIONS = flags.DEFINE_string(
    "train_captions", "", "Captions as --captions, for TF-IDF + SVD to learn from."
)
_SVD_DIM = flags.DEFINE_integer(
    "svd_dim", 256, "Dimensions of TF-IDF + SVD.", lower_bound=1
)
group("Decoding")
_WORKDIR = flags.DEFINE_string(
    "workdir", "", "--workdir of the encoder's training; empty: ENCODER.training."
)
_CORPUS = flags.DEFINE_list(
    "corpus", [], "Text files of prose, or folders of .txt files, comma-separated."
)
_COUNT = flags.DEFINE_integer("count", 2000, "Sentences to measure.", lower_bound=2)
group("Expansion")
_HIDE = flags.DEFINE_integer("hide", 200, "Frequent words to hide.", lower_bound=2)
_RIDGE = flags.DEFINE_float(
    "ridge", 0.0, "Weight of the squared coefficients; 0 as published.", lower_bound=0
)

_SCORES = ("accuracy", "median_rank", "recall_at_10")


def main(argv: list[str]) -> None:
    """Measures what the first argument says, as the flags describe."""
    measures = {"retrieval": _retrieval, "decoding": _decoding, "expansion": _expansion}
    name = argv[1] if len(argv) > 1 else ""
    if name not in measures or len(argv) > 2:
        raise InputError(
            f"{' '.join(argv[1:]) or 'no measure'}: expected one of "
            f"{', '.join(measures)}; how: "
            + hints.command("-m skipthoughts", "evaluate", "--help")
        )
    if not _ENCODER.value or (name != "retrieval" and len(_ENCODER.value) > 1):
        raise InputError(
            f"--encoder={','.join(_ENCODER.value)}: expected the directory of an "
            "encoder, as --encoder=encoder"
        )
    path = writable_file(_JSON, "results.jsonl") if _JSON.value else None
    result = {"measure": name, **measures[name](), "seed": _SEED.value}
    if path:
        if append_or_warn(path, json.dumps(result, allow_nan=False) + "\n"):
            print(f"numbers: the last line of {path}")
    else:
        print("next: repeat it with --json=results.jsonl to keep the numbers")


def _retrieval() -> dict[str, Any]:
    groups = read_groups(_given(_CAPTIONS))
    labels = _read_classes(_given(_CLASSES), len(groups))
    train = read_groups(_given(_TRAIN_CAPTIONS)) if _TRAIN_CAPTIONS.value else []
    if _WORD_VECTORS.value:
        _given(_WORD_VECTORS)
    # After the mistakes that are found at once: these take seconds.
    import numpy as np

    from skipthoughts.measures.retrieval import PROTOCOL, nearest_centroid, retrieval
    from skipthoughts.tokenizer import tokenize

    # The same captions for all methods: those without a word are left out.
    pairs = [(i, t) for i, group in enumerate(groups) for t in group if tokenize(t)]
    images = np.array([image for image, _ in pairs], int)
    rows, common = [], {}
    for row, vectors in _methods([text for _, text in pairs], train):
        found = dataclasses.asdict(retrieval(vectors, images, _SEED.value))
        classes = nearest_centroid(vectors, images, labels, _SEED.value)
        found |= dataclasses.asdict(classes)
        scores = {name: found.pop(name) for name in _SCORES}
        rows.append({**row, "dim": vectors.shape[1], **scores})
        common = found  # the same for all
    print(
        f"{len(pairs)} captions of {len(groups)} images of {common['classes']} "
        f"classes; class: of {common['captions']} captions of held-out images; ranks: "
        f"among {common['images']}"
    )
    chance = {name: common[f"chance_{name}"] for name in _SCORES}
    print_table(
        ["method", "kind", "dim", "id", "class", "median rank", "R@10"],
        [
            [
                *(row.get(name, "") for name in ("method", "kind", "dim")),
                row.get("id", "")[:12],
                f"{row['accuracy']:.1%}",
                f"{row['median_rank']:g}",
                f"{row['recall_at_10']:.1%}",
            ]
            for row in (*rows, {"method": "chance", **chance})
        ],
    )
    return {
        "protocol": PROTOCOL,
        "captions_file": _CAPTIONS.value,
        "captions_sha256": _hash_of(groups),
        "classes_sha256": _hash_of(labels),
        **common,
        "rows": rows,
    }


def _methods(
    captions: list[str], train: list[list[str]]
) -> Iterator[tuple[dict[str, Any], "np.ndarray"]]:
    """Yields what each method is, and its vectors of the captions."""
    from foundation.atomic import sha256_of
    from skipthoughts.encoder import SkipThoughtEncoder
    from skipthoughts.measures.baselines import TfIdfSvd, averaged_word_vectors

    for directory in _ENCODER.value:
        encoder = SkipThoughtEncoder.load(directory)
        row = {"method": directory, "kind": encoder.config.kind, "id": encoder.id}
        yield row, encoder.encode(captions, progress=True)
    if train:
        texts = [caption for group in train for caption in group]
        row = {"method": "TF-IDF + SVD", "train_captions_sha256": _hash_of(train)}
        yield row, TfIdfSvd(texts, _SVD_DIM.value).encode(captions)
    if _WORD_VECTORS.value:
        path = Path(_WORD_VECTORS.value)
        row = {"method": f"mean of {path.name}", "sha256": sha256_of(path)}
        yield row, averaged_word_vectors(path, captions)


def _decoding() -> dict[str, Any]:
    if bool(_CAPTIONS.value) == bool(_CORPUS.value):
        raise InputError(
            f"--captions={_CAPTIONS.value} --corpus={','.join(_CORPUS.value)}: "
            "expected one of the two, as --captions=test.txt"
        )
    workdir = Path(_WORKDIR.value or f"{_ENCODER.value[0].rstrip('/')}.training")
    if _CAPTIONS.value:
        texts = read_groups(Path(_CAPTIONS.value))
    else:
        texts = read_prose([Path(path) for path in _CORPUS.value])
    from skipthoughts.config import TrainingConfig
    from skipthoughts.encoder import SkipThoughtEncoder
    from skipthoughts.measures.decoding import PROTOCOL, neighbour_gap, trained_length
    from skipthoughts.training.skip_thoughts import tokenize_groups
    from skipthoughts.training.triples import CaptionTriples, ProseTriples

    max_length = trained_length(workdir)
    encoder = SkipThoughtEncoder.load(_ENCODER.value[0])
    config = TrainingConfig(
        encoder=encoder.config, max_length=max_length, seed=_SEED.value
    )
    triples_of = CaptionTriples if _CAPTIONS.value else ProseTriples
    tokens = tokenize_groups(texts, config)
    triples = triples_of(tokens, encoder.vocabulary, config)
    gaps = {
        part.name: neighbour_gap(workdir, part, triples, _COUNT.value, _SEED.value)
        for part in encoder.parts
    }
    print_table(
        ["part", "own", "other", "gap", "s.e.", "s.d.", "gap > 0", "sentences"],
        [
            [
                name,
                *(f"{value:.4f}" for value in (gap.own, gap.other, gap.gap)),
                f"{gap.standard_error:.4f}",
                f"{gap.standard_deviation:.4f}",
                f"{gap.positive:.1%}",
                gap.sentences,
            ]
            for name, gap in gaps.items()
        ],
    )
    return {
        "protocol": PROTOCOL,
        "encoder": _ENCODER.value[0],
        "id": encoder.id,
        "text_files": [_CAPTIONS.value] if _CAPTIONS.value else _CORPUS.value,
        "texts_sha256": _hash_of(texts),
        "max_length": max_length,
        "parts": {name: dataclasses.asdict(gap) for name, gap in gaps.items()},
    }


def _expansion() -> dict[str, Any]:
    path = _given(_WORD_VECTORS)
    from foundation.atomic import sha256_of
    from skipthoughts.encoder import SkipThoughtEncoder
    from skipthoughts.measures.hidden_words import PROTOCOL, hidden_word_ranks

    encoder = SkipThoughtEncoder.load(_ENCODER.value[0])
    ranks = hidden_word_ranks(
        encoder, path, _HIDE.value, _RIDGE.value, seed=_SEED.value
    )
    results = {
        name: {
            "median": ranks.medians()[name],
            "shuffled_median": ranks.medians(shuffled=True)[name],
            "within_1_percent": ranks.within()[name],
            "shuffled_within_1_percent": ranks.within(shuffled=True)[name],
        }
        for name in ranks.fractions
    }
    print(f"{len(ranks.words)} hidden words of {len(encoder.vocabulary)}")
    print_table(
        ["part", "median", "shuffled", "nearest 1 %", "shuffled"],
        [
            [name, *(f"{value:.2%}" for value in values.values())]
            for name, values in results.items()
        ],
    )
    return {
        "protocol": PROTOCOL,
        "encoder": _ENCODER.value[0],
        "id": encoder.id,
        "word_vectors": path.name,
        "word_vectors_sha256": sha256_of(path),
        "hidden": len(ranks.words),
        "ridge": _RIDGE.value,
        "parts": results,
    }


def _given(flag: flags.FlagHolder[str]) -> Path:
    """Returns the path that a flag gives, which must be a file that can be read."""
    how = hints.command("-m skipthoughts", "evaluate", "--help")
    return readable_file(flag, f"a file, see {how}")


def _read_classes(path: Path, images: int) -> list[str]:
    labels = [line.strip() for line in read_lines(path)]
    if len(labels) != images or not all(labels):
        raise InputError(
            f"{path}: {sum(map(bool, labels))} classes in {len(labels)} lines for "
            f"{images} images of {_CAPTIONS.value}; expected one class a line"
        )
    return labels


def _hash_of(texts: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()
