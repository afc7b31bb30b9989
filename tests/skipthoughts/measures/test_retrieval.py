import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import InputError
from skipthoughts.config import EncoderConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.measures import retrieval as module
from skipthoughts.measures.retrieval import nearest_centroid, retrieval
from skipthoughts.vocabulary import Vocabulary


def unit(array):
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    return array / np.where(norms > 0, norms, 1)


def data(seed, images=12, dim=3):
    """Vectors that carry a little, images of 1 to 4 captions, in mixed order."""
    rng = np.random.default_rng(seed)
    image = rng.permutation(np.repeat(np.arange(images), rng.integers(1, 5, images)))
    image = np.unique(image, return_inverse=True)[1]
    centres = rng.normal(size=(images, dim))
    vectors = centres[image] + rng.normal(size=(len(image), dim)) + 9
    return vectors.astype(np.float32), image


@settings(deadline=None)
@given(seed=st.integers(0, 10**6))
def test_ranks_are_those_of_brute_force(seed):
    vectors, images = data(seed)
    queries, targets = module._drawn_pairs(images, seed)
    assert sorted(images[queries]) == [
        i for i in range(images.max() + 1) if (images == i).sum() > 1
    ]
    assert (images[queries] == images[targets]).all() and (queries != targets).all()
    normal = unit(vectors.astype(np.float64) - vectors.mean(0, dtype=np.float64))
    ranks = []
    for q, t in zip(queries, targets, strict=True):
        similarities = [float(normal[q] @ normal[other]) for other in targets]
        ranks.append(1 + sum(s > normal[q] @ normal[t] + 1e-6 for s in similarities))
    scores = retrieval(vectors, images, seed)
    assert scores.images == len(queries)
    assert scores.median_rank == np.median(ranks)
    assert scores.recall_at_10 == pytest.approx(np.mean(np.array(ranks) <= 10))


def test_equal_vectors_share_the_middle_rank():
    scores = retrieval(np.ones((40, 5), np.float32), np.repeat(np.arange(20), 2))
    assert scores.median_rank == scores.chance_median_rank == 10.5
    assert scores.recall_at_10 == 0 and scores.chance_recall_at_10 == 0.5


def test_a_vector_for_each_image_is_perfect():
    images = np.tile(np.arange(50), 3)
    vectors = np.random.default_rng(0).normal(size=(50, 8)).astype("f4")[images]
    scores = retrieval(vectors + 100, images)
    assert (scores.median_rank, scores.recall_at_10, scores.images) == (1, 1, 50)


def test_random_vectors_are_chance():
    rng = np.random.default_rng(0)
    images = np.repeat(np.arange(400), 2)
    scores = retrieval(rng.normal(size=(800, 20)).astype("f4"), images)
    assert scores.median_rank == pytest.approx(scores.chance_median_rank, rel=0.15)
    assert scores.chance_recall_at_10 == 10 / 400
    assert scores.recall_at_10 < 0.06
    labels = np.arange(400) % 4
    centroids = nearest_centroid(
        rng.normal(size=(800, 20)).astype("f4"), images, labels
    )
    assert centroids.chance_accuracy == 0.25
    assert centroids.accuracy == pytest.approx(0.25, abs=0.08)


def test_small_blocks_change_nothing(monkeypatch):
    vectors, images = data(3, images=30)
    labels = np.arange(30) % 3
    whole = retrieval(vectors, images), nearest_centroid(vectors, images, labels)
    monkeypatch.setattr(module, "_BLOCK", 7)
    assert whole == (
        retrieval(vectors, images),
        nearest_centroid(vectors, images, labels),
    )


@settings(deadline=None)
@given(seed=st.integers(0, 10**6))
def test_centroids_are_those_of_brute_force(seed):
    vectors, images = data(seed)
    labels = ["abc"[i % 3] for i in range(12)]
    scores = nearest_centroid(vectors, images, labels, seed)
    truth = np.array([labels[i] for i in images])
    classes = list(dict.fromkeys(labels[: images.max() + 1]))
    held_out = module._held_out(
        images, np.array([classes.index(t) for t in truth]), seed
    )
    for label in classes:
        # Whole images, and the smaller half of each class.
        own = set(images[truth == label])
        out = set(images[(truth == label) & held_out])
        assert not out & set(images[~held_out]) and len(out) == len(own) // 2
    normal = unit(vectors.astype(np.float64) - vectors.mean(0, dtype=np.float64))
    centroids = [normal[(truth == c) & ~held_out].mean(0) for c in classes]
    right = [
        classes[np.argmax([v @ c / np.linalg.norm(c) for c in centroids])] == t
        for v, t in zip(normal[held_out], truth[held_out], strict=True)
    ]
    assert scores.captions == held_out.sum()
    assert scores.accuracy == pytest.approx(np.mean(right))
    assert scores.classes == 3 and scores.chance_accuracy == 1 / 3


def test_a_vector_for_each_class_is_perfect():
    images = np.repeat(np.arange(20), 2)
    labels = [i % 5 for i in range(20)]
    vectors = np.eye(5, dtype=np.float32)[np.array(labels)[images]]
    assert nearest_centroid(vectors, images, labels).accuracy == 1


def test_the_draw_does_not_depend_on_the_vectors_and_changes_with_the_seed():
    _, images = data(0, images=40)
    one, other = (module._drawn_pairs(images, seed)[0] for seed in (0, 1))
    assert (images[one] == images[other]).all() and (one != other).any()


def test_too_little_is_an_error():
    vectors = np.zeros((3, 2), np.float32)
    with pytest.raises(InputError, match="1 images with two captions"):
        retrieval(vectors, np.array([0, 0, 1]))
    with pytest.raises(InputError, match="1 classes"):
        nearest_centroid(vectors, np.array([0, 0, 1]), ["a", "a"])
    with pytest.raises(InputError, match="0 captions of held-out"):
        nearest_centroid(vectors, np.array([0, 0, 1]), ["a", "b"])
    with pytest.raises(InputError, match="2 images and 1 classes"):
        nearest_centroid(vectors, np.array([0, 0, 1]), ["a"])


def test_the_command_prints_a_table_and_keeps_the_numbers(tmp_path):
    config = EncoderConfig(dim=8, word_dim=6)
    groups = [[f"a {c} flower", f"{c} petals {n}"] for c in "abc" for n in "xyz"]
    words = sorted({w for group in groups for text in group for w in text.split()})
    encoder = SkipThoughtEncoder.untrained(config, Vocabulary(["<eos>", "UNK", *words]))
    encoder.save(tmp_path / "encoder")
    captions, classes = tmp_path / "captions.txt", tmp_path / "classes.txt"
    captions.write_text("\n\n".join("\n".join(group) for group in groups) + "\n")
    classes.write_text("".join(f"{c}\n" * 3 for c in "abc"))
    glove, results = tmp_path / "glove.txt", tmp_path / "results.jsonl"
    glove.write_text("".join(f"{w} {i} {i * i} 1\n" for i, w in enumerate(words)))

    def evaluate(measure, **flags):
        arguments = [f"--{name}={value}" for name, value in flags.items()]
        return subprocess.run(
            [sys.executable, "-m", "skipthoughts", "evaluate", measure, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    given = {"captions": captions, "classes": classes, "word_vectors": glove}
    done = evaluate(
        "retrieval",
        encoder=f"{tmp_path / 'encoder'},{tmp_path / 'encoder'}",
        **given,
        train_captions=captions,
        svd_dim=4,
        json=results,
    )
    assert done.returncode == 0, done.stderr
    table = done.stdout.splitlines()
    assert table[1].split()[:4] == ["method", "kind", "dim", "id"]
    assert len(table) == 8 and table[6].split() == ["chance", "33.3%", "5", "100.0%"]
    (line,) = results.read_text().splitlines()
    found = json.loads(line)
    assert [row["dim"] for row in found["rows"]] == [16, 16, 4, 3]
    assert found["rows"][0]["id"] == encoder.id
    images = np.repeat(np.arange(9), 2)
    vectors = encoder.encode([text for group in groups for text in group])
    expected = retrieval(vectors, images)
    assert found["rows"][1]["median_rank"] == expected.median_rank
    assert found["images"] == 9 and found["seed"] == 0 and "cosine" in found["protocol"]

    classes.write_text("a\nb\n")
    failed = evaluate("retrieval", encoder=tmp_path / "encoder", **given)
    assert failed.returncode == 1
    assert "2 classes" in failed.stderr and "Traceback" not in failed.stderr
