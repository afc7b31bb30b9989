"""The best checkpoint: which is kept, and that it is the generator of its step."""

import dataclasses
import json
import math

import numpy as np
import pytest

from foundation.atomic import write_text
from foundation.errors import InputError
from text_to_image.gan import GAN
from text_to_image.runs.best_checkpoint import BestScore, keep_best, read_best
from text_to_image.runs.directory import RunDirectory


@pytest.fixture(scope="module")
def gan(tiny_config):
    return GAN(tiny_config, 16)


@pytest.fixture
def run(tmp_path):
    return RunDirectory(tmp_path / "run")


def score(step, value, **values):
    fields = {"metric": "kid", "num_images": 100, "seed": 0, **values}
    return BestScore(step=step, value=value, **fields)


def offer(run, gan, offered, **how):
    """Offers a score at a step that the generator's weights tell."""
    gan.step.assign(offered.step)
    weights = gan.ema_generator.get_weights()
    gan.ema_generator.set_weights([np.full_like(w, offered.step) for w in weights])
    return keep_best(run, gan, offered, **how)


@pytest.mark.parametrize("higher", [False, True])
def test_the_best_of_many_is_kept(run, gan, higher):
    values = [0.5, 0.3, math.nan, 0.3, 0.9, math.inf, -math.inf, 0.1, 0.7]
    best = max if higher else min
    for step, value in enumerate(values):
        kept = offer(run, gan, score(step, value), higher_is_better=higher)
        seen = [v for v in values[: step + 1] if math.isfinite(v)]
        expected = best(seen)
        assert read_best(run).value == expected
        assert kept == (math.isfinite(value) and values.index(expected) == step)
    step = values.index(expected)
    assert json.loads((run.best / "best.json").read_text()) == {
        "step": step,
        "metric": "kid",
        "value": expected,
        "num_images": 100,
        "seed": 0,
    }
    assert {path.name for path in run.best.iterdir()} == {
        "best.json",
        f"ckpt-{step}.index",
        f"ckpt-{step}.data-00000-of-00001",
    }
    assert [path.name for path in run.path.iterdir()] == ["best"]  # nothing half


def test_nothing_is_kept_of_a_first_value_that_is_no_number(run, gan):
    assert not offer(run, gan, score(1, math.nan))
    assert read_best(run) is None and not run.best.exists()


@pytest.mark.parametrize("change", [{"metric": "r5"}, {"num_images": 9}, {"seed": 1}])
def test_scores_of_another_protocol_are_not_compared(run, gan, change):
    assert offer(run, gan, score(1, 0.1))
    other = score(2, 0.9, **change)
    assert offer(run, gan, other)
    assert read_best(run) == other


def test_a_failed_write_leaves_the_earlier_best(run, gan, monkeypatch):
    offer(run, gan, score(1, 0.5))
    before = {path.name: path.read_bytes() for path in run.best.iterdir()}

    def full(path, content):
        write_text(path, content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("text_to_image.runs.best_checkpoint.write_text", full)
    with pytest.raises(InputError, match=r"run/best: .*\(No space left on device\)"):
        offer(run, gan, score(2, 0.4))
    assert {path.name: path.read_bytes() for path in run.best.iterdir()} == before
    assert [path.name for path in run.path.iterdir()] == ["best"]


@pytest.mark.parametrize("content", ["", "[]", "3", '{"step": 1}', '{"step": 1, "x":'])
def test_best_json_that_is_not_ours(run, content):
    run.best.mkdir(parents=True)
    (run.best / "best.json").write_text(content)
    with pytest.raises(InputError, match=r"best\.json: not the score.*--checkpoint="):
        read_best(run)


def test_only_what_pictures_are_made_from_is_kept(run, gan):
    from tensorflow.train import list_variables

    offer(run, gan, score(7, 0.5))
    names = {name.partition("/")[0] for name, _ in list_variables(run.best / "ckpt-7")}
    graph = "_CHECKPOINTABLE_OBJECT_GRAPH"  # TensorFlow's own
    assert names - {graph} == {"ema_generator", "text_scaling", "step"}
    plain = GAN(dataclasses.replace(gan.config, ema_decay=0.0), 16)
    plain.step.assign(8)
    keep_best(run, plain, score(8, 0.4))
    names = {name.partition("/")[0] for name, _ in list_variables(run.best / "ckpt-8")}
    assert "generator" in names and "ema_generator" not in names
