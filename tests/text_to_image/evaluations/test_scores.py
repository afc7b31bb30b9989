"""All scores of one run, of perfect images, and of what cannot be scored."""

import json

import keras
import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image.data.cache import Cache
from text_to_image.evaluations import feature_scores, scored_images
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.evaluations.scores import measure_scores


def network(name="tiny", classes=True):
    """Means of 4 x 4 areas; the class is the strongest of red, green and blue."""
    images = keras.Input((None, None, 3))
    areas = keras.layers.Flatten()(keras.layers.AveragePooling2D(16)(images))
    features = keras.layers.Reshape((48,))(areas)
    means = keras.layers.GlobalAveragePooling2D()(images)
    softmax = keras.layers.Softmax()(means / 50)
    outputs = {"features": features, "probabilities": softmax}
    return FeatureModel(
        keras.Model(images, outputs if classes else features), name, "f" * 64
    )


@pytest.fixture(scope="module")
def tiny():
    return network()


@pytest.fixture
def cache(cache_copy):
    return Cache(cache_copy)


def by_metric(scores):
    return {score.metric: score for score in scores}


PIXEL_SCORES = {"color_agreement", "color_agreement_balanced", "dz", "ms_ssim"}


def test_everything_with_its_protocol_and_the_same_again(model, cache, tiny, capsys):
    scores = measure_scores(model, cache, "test", 12, 0, tiny)
    assert set(by_metric(scores)) == PIXEL_SCORES | {
        "kid_tiny",
        "fd_tiny",
        "r_precision_at_1_tiny",
        "r_precision_at_5_tiny",
        "feature_diversity_tiny",
        "inception_score_tiny",
    }
    assert "left out" not in capsys.readouterr().out
    for score in scores:
        assert np.isfinite(
            [score.generated, score.real, *score.controls.values()]
        ).all()
        assert score.controls
        assert {"num_generated", "num_real"} <= set(score.protocol)
        if score.metric.endswith("tiny"):
            assert score.protocol["feature_network"] == "tiny"
            assert score.protocol["feature_sha256"] == "f" * 64
            assert score.protocol["resizing"] == "none before the network"
    again = measure_scores(model, Cache(cache.directory), "test", 12, 0, tiny)
    records = [[score.record() for score in some] for some in (scores, again)]
    assert json.dumps(records[0]) == json.dumps(records[1])


def generate_the_images(model, split, caption_rows, seeds):
    rows = np.searchsorted(split.caption_offsets, caption_rows, side="right") - 1
    return split.images[rows][:, 6:70, 6:70]


def test_perfect_pictures_that_ignore_the_noise(model, cache, tiny, monkeypatch):
    monkeypatch.setattr(scored_images, "_generate", generate_the_images)
    scores = by_metric(measure_scores(model, cache, "test", 12, 5, tiny))
    assert scores["fd_tiny"].generated == pytest.approx(0, abs=1e-6)
    assert scores["kid_tiny"].generated <= 0  # an image is its own best match
    for name in (
        "color_agreement",
        "color_agreement_balanced",
        "r_precision_at_1_tiny",
        "r_precision_at_5_tiny",
        "inception_score_tiny",
    ):
        assert scores[name].generated == scores[name].real, name
    assert scores["color_agreement"].generated == 1.0
    assert scores["color_agreement"].controls["captions shuffled"] < 1
    assert scores["dz"].generated == 0
    assert scores["ms_ssim"].generated == 1.0
    assert scores["feature_diversity_tiny"].generated == 0
    for name in ("dz", "feature_diversity_tiny"):
        assert scores[name].controls["generated, of different captions"] > 0


def test_blur_and_other_images_lie_further_off(model, cache, tiny, monkeypatch):
    monkeypatch.setattr(scored_images, "_generate", generate_the_images)
    path = cache.directory / "test/images.npy"
    images = np.load(path)
    images[:, ::2] //= 4  # stripes, which a blur removes
    np.save(path, images)
    scores = by_metric(measure_scores(model, cache, "test", 12, 5, tiny))
    for name in ("kid_tiny", "fd_tiny"):
        assert scores[name].real > max(scores[name].controls.values())
        assert scores[name].generated < min(scores[name].controls.values())


def test_without_a_network(model, cache, capsys):
    scores = measure_scores(model, cache, "validation", 12, 0)
    assert set(by_metric(scores)) == PIXEL_SCORES
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "left out: kid",
        "left out: inception_score",
    ]
    assert "--feature_model=PATH.keras" in lines[0]
    assert "evaluate.py classifier" in lines[1]


def test_quick_scores_are_some_of_all(model, cache, capsys):
    quick = measure_scores(model, cache, "test", 12, 0, network(), quick=True)
    assert capsys.readouterr().out == ""
    every = by_metric(measure_scores(model, cache, "test", 12, 0, network()))
    assert [score.metric for score in quick] == [
        *("kid_tiny", "r_precision_at_1_tiny", "r_precision_at_5_tiny"),
        *("color_agreement", "color_agreement_balanced", "dz"),
    ]
    for score in quick:
        assert score == every[score.metric]


def test_classifier_beside_a_network_without_classes(model, cache, tiny):
    plain = network("plain", classes=False)
    scores = measure_scores(model, cache, "test", 12, 0, plain, tiny)
    names = set(by_metric(scores))
    assert {"kid_plain", "inception_score_tiny"} < names
    assert not names & {"kid_tiny", "inception_score_plain"}


def test_classifier_without_classes(model, cache):
    plain = network("plain", classes=False)
    with pytest.raises(InputError, match="plain gives no class probabilities"):
        measure_scores(model, cache, "test", 12, 0, classifier=plain)


def test_fid_of_few_pictures_is_refused(model, cache, capsys, monkeypatch):
    inception = network("inception_v3", classes=False)
    scores = by_metric(measure_scores(model, cache, "test", 12, 0, inception))
    assert "kid_inception_v3" in scores
    assert not {"fd_inception_v3", "fid_inception_v3"} & set(scores)
    output = capsys.readouterr().out
    assert "fid_inception_v3: 12 images, expected at least 2,048" in output
    monkeypatch.setattr(feature_scores, "FID_REFUSED_BELOW", 12)
    scores = by_metric(measure_scores(model, cache, "test", 12, 0, inception))
    assert scores["fid_inception_v3"].generated > 0
    assert "warning: fid_inception_v3 of 12 images" in capsys.readouterr().out


def test_captions_without_colours(model, cache, capsys):
    for split in ("train", "test"):
        path = cache.directory / split / "captions.json"
        captions = json.loads(path.read_text())
        path.write_text(json.dumps(["a flower"] * len(captions)))
    scores = measure_scores(model, cache, "test", 12, 0)
    assert set(by_metric(scores)) == {"dz", "ms_ssim"}
    assert "left out: color_agreement: the captions of 12" in capsys.readouterr().out


def test_attributes_of_drawn_flowers(model, cache):
    manifest = cache.directory / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"dataset": "rendered_flowers"}))
    scores = by_metric(measure_scores(model, Cache(cache.directory), "test", 12, 0))
    # The captions of the tiny cache name the color of petals only.
    attributes = {"attributes_petal_color", "attributes_petal_color_balanced"}
    assert set(scores) == PIXEL_SCORES | attributes
    score = scores["attributes_petal_color"]
    assert score.generated == scores["color_agreement"].generated
    assert score.controls["chance"] == 1 / 8
