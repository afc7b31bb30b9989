"""Images: the same caption and seed give the same one, whatever else is asked."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder
from text_to_image import TextToImage
from text_to_image.gan import make_generator
from text_to_image.generation.text_to_image import noise_of_seeds, to_uint8
from text_to_image.models.text_scaling import TextScaling
from text_to_image.runs.directory import RunDirectory
from text_to_image.runs.parts import ModelParts


def test_pictures_do_not_depend_on_the_rest_of_the_call(model):
    captions = ["a red flower", "this flower has blue petals", "petals"]
    together = model.generate(captions, range(13))
    assert together.shape == (3, 13, 64, 64, 3)
    assert together.dtype == np.uint8
    for i, caption in enumerate(captions):
        for seed in (0, 7, 12):
            alone = model.generate([caption], [seed])[0, 0]
            np.testing.assert_array_equal(alone, together[i, seed])
    np.testing.assert_array_equal(
        model.generate(captions[::-1], [5, 3])[::-1, ::-1], together[:, [3, 5]]
    )
    assert not np.array_equal(together[0, 0], together[0, 1])
    assert not np.array_equal(together[0, 0], together[1, 0])


def test_loading_again_gives_the_same_pictures(trained):
    models = [TextToImage.load(trained) for _ in range(2)]
    one, other = (model.generate(["a red flower"], [4]) for model in models)
    np.testing.assert_array_equal(one, other)
    assert [model.step for model in models] == [3, 3]


@pytest.mark.parametrize(
    ("captions", "seeds", "message"),
    [([], [0], "no captions"), (["a"], [], "no seeds"), (["a"], [-1], "seed -1")],
)
def test_what_cannot_be_generated(model, captions, seeds, message):
    with pytest.raises(InputError, match=message):
        model.generate(captions, seeds)


def test_blank_caption_is_refused(model):
    with pytest.raises(InputError, match="has no words"):
        model.generate(["a red flower", "  "], [0])


@pytest.fixture(scope="module")
def unconditional(trained):
    described = RunDirectory(trained).read_description()
    config = dataclasses.replace(
        described.config, conditional=False, objective="gan", z_dim=5
    )
    generator = make_generator(config, described.text_dim, "generator")
    return TextToImage(
        ModelParts(
            dataclasses.replace(described, config=config),
            SkipThoughtEncoder.load(trained / "encoder"),
            generator,
            TextScaling(described.text_dim),
            step=1,
        )
    )


def test_pictures_of_a_run_that_reads_no_captions(unconditional):
    together = unconditional.generate_unconditional(range(18))
    assert (together.shape, together.dtype) == ((18, 64, 64, 3), np.uint8)
    for seed in (0, 17):
        z = noise_of_seeds([seed], 5, "normal")
        expected = unconditional.generator(z, np.zeros((1, 16), np.float32)).numpy()
        alone = unconditional.generate_unconditional([seed])
        np.testing.assert_array_equal(alone[0], together[seed])
        np.testing.assert_allclose(
            alone.astype(float), (expected + 1) * 127.5, rtol=0, atol=0.6
        )
    for seeds in ([], [3, -1]):
        with pytest.raises(InputError, match=r"whole numbers from 0|at least one"):
            unconditional.generate_unconditional(seeds)


def test_run_that_reads_captions_needs_some(model):
    with pytest.raises(InputError, match="expected one trained with --noconditional"):
        model.generate_unconditional([0])


def test_noise():
    noise = noise_of_seeds([3, 0, 2**40], 2000, "normal")
    np.testing.assert_array_equal(noise[1], noise_of_seeds([0], 2000, "normal")[0])
    np.testing.assert_allclose(noise.std(1), 1, atol=0.1)
    assert abs(np.corrcoef(noise)[0, 1]) < 0.1
    uniform = noise_of_seeds([0], 2000, "uniform")
    assert uniform.min() < -0.95
    assert 0.95 < uniform.max() <= 1


def test_pixels():
    values = np.array([-1.0, -0.999, 0.0, 1.0, 1.1], np.float32)
    assert to_uint8(values).tolist() == [0, 0, 128, 255, 255]
    with pytest.raises(InputError, match="not finite"):
        to_uint8(np.array([np.nan]))


def test_not_a_run(tmp_path):
    with pytest.raises(InputError, match=r"no config.json.*python train.py"):
        TextToImage.load(tmp_path)


def copied(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


@pytest.mark.parametrize("change", [{"architecture": "reed"}, {"gf": 8}])
def test_checkpoint_of_another_architecture(trained, tmp_path, change):
    run = copied(trained, tmp_path)
    path = run / "config.json"
    description = json.loads(path.read_text())
    description["config"].update(change)
    path.write_text(json.dumps(description))
    with pytest.raises(InputError, match="Expected one of the architecture"):
        TextToImage.load(run)


def test_encoder_of_another_run(trained, tmp_path):
    run = copied(trained, tmp_path)
    path = run / "config.json"
    description = json.loads(path.read_text())
    description["encoder_id"] = "f" * 64
    path.write_text(json.dumps(description))
    with pytest.raises(InputError, match="expected ffffffffffff"):
        TextToImage.load(run)
