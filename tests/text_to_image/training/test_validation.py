"""Evaluation while training: by the code of evaluate.py, the best kept, as resumed."""

import dataclasses
import logging
import shutil

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray
from tensorflow.train import list_variables, load_variable

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.data.cache import Cache
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.evaluations.protocol import run_protocol
from text_to_image.evaluations.score import Score
from text_to_image.evaluations.scores import measure_scores
from text_to_image.gan import GAN
from text_to_image.generation.export import export
from text_to_image.runs.best_checkpoint import read_best
from text_to_image.runs.directory import RunDirectory
from text_to_image.runs.parts import ModelParts
from text_to_image.training import validation
from text_to_image.training.loop import train
from text_to_image.training.preparation import describe
from text_to_image.training.summaries import Summaries
from text_to_image.training.validation import Evaluation, best_metric

METRICS = {
    *("kid_tiny", "r_precision_at_1_tiny", "r_precision_at_5_tiny"),
    *("color_agreement", "color_agreement_balanced", "dz"),
}


@pytest.fixture(scope="module")
def config(tiny_config, tmp_path_factory):
    """Four steps, evaluated at 2 and 4; a network of the means of 4 x 4 areas."""
    folder = tmp_path_factory.mktemp("evaluated")
    images = keras.Input((None, None, 3))
    areas = keras.layers.Flatten()(keras.layers.AveragePooling2D(16)(images))
    keras.Model(images, keras.layers.Reshape((48,))(areas)).save(folder / "tiny.keras")
    return dataclasses.replace(
        tiny_config,
        # Real features are kept there.
        cache_dir=str(shutil.copytree(tiny_config.cache_dir, folder / "cache")),
        steps=4,
        evaluate_every=2,
        evaluate_images=12,
        feature_model=str(folder / "tiny.keras"),
    )


@pytest.fixture(scope="module")
def evaluated(config, tmp_path_factory):
    """A finished run."""
    run = RunDirectory(tmp_path_factory.mktemp("runs") / "run")
    train(config, run.path)
    return run


def evaluations_of(run):
    return [record for record in run.read_metrics() if "metric" in record]


def test_every_few_steps_and_at_the_end(evaluated):
    records = evaluations_of(evaluated)
    assert [record["step"] for record in records] == [2] * 6 + [4] * 6
    for step in (2, 4):
        assert {r["metric"] for r in records if r["step"] == step} == METRICS
    log = evaluated.log.read_text()
    assert log.count("evaluated validation at step") == 2


def test_lines_are_those_of_evaluate(evaluated, config):
    model = TextToImage.load(evaluated.path, "latest")
    cache = Cache(config.cache_dir)
    network = FeatureModel.load(config.feature_model)
    protocol = run_protocol(model, cache, "validation", 0)
    expected = [
        {**protocol, **score.record()}
        for score in measure_scores(model, cache, "validation", 12, 0, network)
        if score.metric in METRICS
    ]
    assert evaluations_of(evaluated)[6:] == expected
    assert protocol["step"] == 4


def test_the_lowest_kid_is_kept(evaluated):
    kids = {
        record["step"]: record["generated"]
        for record in evaluations_of(evaluated)
        if record["metric"] == "kid_tiny"
    }
    best = read_best(evaluated)
    assert best.value == min(kids.values()) == kids[best.step]
    assert (best.metric, best.num_images, best.seed) == ("kid_tiny", 12, 0)
    kept = str(evaluated.best / f"ckpt-{best.step}")
    saved = str(evaluated.checkpoints / f"ckpt-{best.step}")
    names = [n for n, _ in list_variables(kept) if n.startswith("ema_generator/")]
    assert len(names) > 20
    for name in names:
        np.testing.assert_array_equal(
            load_variable(kept, name), load_variable(saved, name)
        )
    assert TextToImage.load(evaluated.path, "best").step == best.step


def test_a_kill_before_the_checkpoint_changes_nothing(evaluated, config, tmp_path):
    run = RunDirectory(shutil.copytree(evaluated.path, tmp_path / "run"))
    for step in (3, 4):
        for path in run.checkpoints.glob(f"ckpt-{step}.*"):
            path.unlink()
    train(config, run.path)
    assert evaluations_of(run) == evaluations_of(evaluated)
    assert read_best(run) == read_best(evaluated)


def test_a_released_model_does_not_name_the_network(evaluated, config, tmp_path):
    model = TextToImage.load(evaluated.path)
    export(model, tmp_path / "released")
    assert config.feature_model not in (tmp_path / "released/model.json").read_text()
    assert TextToImage.load(tmp_path / "released").score == read_best(evaluated)


@pytest.fixture(scope="module")
def gan(config):
    return GAN(config, Cache(config.cache_dir).text_dim)


@pytest.fixture
def make(config, gan, tmp_path):
    """Returns what makes an evaluation without training, and its run."""

    def make(**values):
        changed = dataclasses.replace(config, **values)
        cache = Cache(changed.cache_dir)
        description, _ = describe(changed, cache)
        gan.config = changed
        model = TextToImage(
            ModelParts(description, None, gan.sampling_generator, gan.text_scaling, 0)
        )
        run = RunDirectory(tmp_path / "run")
        captions = tmp_path / "none.txt"
        captions.write_text("a flower\n")
        model.embed = lambda texts: model.no_text(len(texts))
        summaries = Summaries(run, model, cache, str(captions))
        log = logging.getLogger("test_evaluation")
        return Evaluation(gan, model, cache, summaries, log), run

    return make


@pytest.mark.parametrize(
    ("best_by", "metric", "values", "steps"),
    [
        ("auto", "kid_tiny", [0.3, 0.1, 0.2], [1, 2, 2]),
        ("kid", "kid_tiny", [0.3, 0.4, 0.2], [1, 1, 3]),
        ("r_precision_at_5", "r_precision_at_5_tiny", [0.1, 0.3, 0.2], [1, 2, 2]),
        ("color_agreement", "color_agreement", [0.5, 0.4, 0.6], [1, 1, 3]),
    ],
)
def test_best_by_a_named_metric(make, gan, monkeypatch, best_by, metric, values, steps):
    evaluation, run = make(best_metric=best_by)
    for step, value, best in zip((1, 2, 3), values, steps, strict=True):
        protocol = {"num_generated": 12}
        scores = [
            Score(name, figure, 0.0, "", {}, protocol)
            for name, figure in ((metric, value), ("dz", float(step)))
        ]
        monkeypatch.setattr(validation, "measure_scores", lambda *_, s=scores, **__: s)
        gan.step.assign(step)
        evaluation(step)
        assert read_best(run).step == best
        assert read_best(run).metric == metric
    assert [record["step"] for record in run.read_metrics()] == [1, 1, 2, 2, 3, 3]


def test_a_metric_that_the_data_set_does_not_allow(make, monkeypatch, caplog):
    evaluation, run = make(best_metric="color_agreement")
    scores = [Score("dz", 3.0, 0.0, "", {}, {"num_generated": 12})]
    monkeypatch.setattr(validation, "measure_scores", lambda *_, **__: scores)
    with caplog.at_level(logging.INFO, "test_evaluation"):
        evaluation(1)
    assert "no figure of color_agreement, so step 1 cannot be the best" in caplog.text
    assert read_best(run) is None


def test_best_metric_by_default_and_without_a_network(config):
    def chosen(**values):
        return best_metric(dataclasses.replace(config, **values))

    assert chosen() == "kid"
    assert chosen(feature_model="") == "color_agreement_balanced"
    assert chosen(feature_model="", best_metric="color_agreement") == "color_agreement"
    with pytest.raises(InputError, match="--best_metric=kid without --feature_model"):
        chosen(feature_model="", best_metric="kid")


def test_mistakes_are_found_before_training(make):
    with pytest.raises(InputError, match=r"none\.keras: no such file"):
        make(feature_model="none.keras")
    with pytest.raises(InputError, match="--noconditional, expected one that reads"):
        make(conditional=False, objective="gan")


@pytest.mark.slow
def test_validation_classes_that_are_trained_on(replaced, config, tmp_path, capsys):
    run = RunDirectory(tmp_path / "run")
    together = "train,validation"
    train(
        replaced(train_splits=together, steps=1, evaluate_every=1, text_norm=3.0),
        run.path,
    )
    assert f"warning: --evaluate_every with --train_splits={together}" in (
        run.log.read_text()
    )
    for record in evaluations_of(run):
        assert (record["split"], record["split_is"]) == ("validation", "trained on")
    assert read_best(run).metric == "color_agreement_balanced"
    splits = [Cache(config.cache_dir).split(name) for name in together.split(",")]
    vectors = np.concatenate([split.embeddings for split in splits])
    mean = TextToImage.load(run.path).text_scaling.get_weights()[0]
    np.testing.assert_allclose(mean, vectors.astype(float).mean(0), rtol=1e-5)


def test_tensorboard_has_the_figures(evaluated):
    events = EventAccumulator(str(evaluated.tensorboard)).Reload()
    shown = {
        tag: {e.step: float(make_ndarray(e.tensor_proto)) for e in events.Tensors(tag)}
        for tag in events.Tags()["tensors"]
        if tag.startswith("metrics/")
    }
    records = evaluations_of(evaluated)
    for metric in METRICS:
        expected = [
            (r["step"], r["generated"]) for r in records if r["metric"] == metric
        ]
        assert shown[f"metrics/{metric}"] == pytest.approx(dict(expected))
    kids = [r["generated"] for r in records if r["metric"] == "kid_tiny"]
    best = {2: kids[0], 4: min(kids)}
    assert shown["metrics/best_kid_tiny"] == pytest.approx(best)
