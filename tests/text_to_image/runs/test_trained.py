"""Which checkpoint of a run is read."""

import shutil

import numpy as np
import pytest
from tensorflow.train import load_variable

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.gan import GAN
from text_to_image.runs.best_checkpoint import BestScore, keep_best
from text_to_image.runs.directory import RunDirectory
from text_to_image.runs.trained import read_trained_run


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory):
    """A run whose best checkpoint, of step 2, has a generator of ones."""
    path = tmp_path_factory.mktemp("runs") / "run"
    run = RunDirectory(shutil.copytree(trained, path))
    description = run.read_description()
    gan = GAN(description.config, description.text_dim)
    gan.step.assign(2)
    gan.ema_generator.set_weights(
        [np.ones_like(weight) for weight in gan.ema_generator.get_weights()]
    )
    keep_best(run, gan, BestScore(2, "kid", 0.25, 100, 0))
    return run


@pytest.mark.parametrize(
    ("checkpoint", "step", "best"),
    [
        ("", 2, True),
        ("best", 2, True),
        ("latest", 3, False),
        ("3", 3, False),
        ("2", 2, False),  # as it was trained, not what best/ holds
        ("1", 1, False),
    ],
)
def test_checkpoint_that_is_named(run, checkpoint, step, best):
    parts = read_trained_run(run.path, checkpoint)
    assert parts.step == step
    assert (parts.score is not None) == best
    ones = all((weight == 1).all() for weight in parts.generator.get_weights())
    assert ones == best


@pytest.mark.parametrize("end", ["", ".index"])
def test_checkpoint_of_a_path(run, tmp_path, end):
    copy = shutil.copytree(run.checkpoints, tmp_path / "kept")
    parts = read_trained_run(run.path, f"{copy}/ckpt-2{end}")
    assert parts.step == 2 and parts.score is None
    of_step = read_trained_run(run.path, "2")
    np.testing.assert_array_equal(
        parts.generator.get_weights()[0], of_step.generator.get_weights()[0]
    )
    best = read_trained_run(run.path, f"{run.best}/ckpt-2")
    assert (best.generator.get_weights()[0] == 1).all()
    with pytest.raises(InputError, match=r"ckpt-9: no such checkpoint.*: 3, 2, 1"):
        read_trained_run(run.path, f"{copy}/ckpt-9")


@pytest.mark.parametrize("checkpoint", ["", "latest", "3"])
def test_generator_without_moving_average(run, checkpoint):
    parts = read_trained_run(run.path, checkpoint, ema=False)
    assert (parts.step, parts.score, parts.ema_decay) == (3, None, 0.0)
    saved = str(run.checkpoints / "ckpt-3")
    for name, weights in (
        ("generator", parts.generator.get_weights()),
        ("ema_generator", read_trained_run(run.path, "3").generator.get_weights()),
    ):
        for i, weight in enumerate(weights):
            key = f"{name}/variables_by_number/{i}/.ATTRIBUTES/VARIABLE_VALUE"
            np.testing.assert_array_equal(weight, load_variable(saved, key))


def test_best_generator_is_a_moving_average(run):
    assert read_trained_run(run.path, "best").ema_decay == 0.9
    with pytest.raises(InputError, match=r"--checkpoint=best --noema: .*=latest"):
        read_trained_run(run.path, "best", ema=False)


def test_model_names_its_checkpoint(run, trained):
    assert TextToImage.load(run.path).checkpoint == "step 2, best by kid 0.25"
    assert TextToImage.load(run.path, "latest").checkpoint == "step 3"
    assert TextToImage.load(trained).checkpoint == "step 3"


@pytest.mark.parametrize(
    ("checkpoint", "message"),
    [
        ("best", "no best.json in .*--checkpoint=latest"),
        ("9", r"ckpt-9: no such checkpoint, expected one of those there: 3, 2, 1"),
        ("newest", "expected best, latest, or the step"),
    ],
)
def test_checkpoint_that_is_not_there(trained, checkpoint, message):
    with pytest.raises(InputError, match=message):
        read_trained_run(trained, checkpoint)


@pytest.mark.parametrize("checkpoint", ["", "3"])
def test_damaged_checkpoint_is_not_replaced_by_another(run, tmp_path, checkpoint):
    copy = RunDirectory(shutil.copytree(run.path, tmp_path / "run"))
    folder = copy.checkpoints if checkpoint else copy.best
    for path in folder.glob("ckpt-3.data*" if checkpoint else "ckpt-*.data*"):
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"cannot be read .*take another one"):
        read_trained_run(copy.path, checkpoint)


def test_run_without_any_checkpoint(trained, tmp_path):
    copy = shutil.copytree(trained, tmp_path / "run")
    shutil.rmtree(copy / "checkpoints")
    with pytest.raises(InputError, match=r"no checkpoint there yet.*train\.py"):
        read_trained_run(copy)
