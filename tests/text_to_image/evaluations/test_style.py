"""Style verification on features whose quality is known beforehand."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.data.cache import Split
from text_to_image.evaluations.style import (
    color_correlation,
    format_table,
    measure_style,
    transfer_correlation,
    verify_style,
)
from text_to_image.evaluations.style_figure import draw_curves
from text_to_image.models import StyleEncoder
from text_to_image.style.directory import StyleEncoderDirectory
from text_to_image.style.inversion import StyleReader

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def verified():
    """300 images of 20 colors; features that know the color, half of it, nothing."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 20, 300)
    colors = 40 * rng.normal(size=(20, 3))[group] + rng.normal(size=(300, 3))
    known = rng.normal(size=(20, 16))[group]
    noise = rng.normal(size=(300, 16))
    features = {"all": known + 0.1 * noise, "half": known + 1.3 * noise, "none": noise}
    return verify_style(features, colors, clusters=20, pairs=200, seed=1)


def test_areas(verified):
    areas = {name: curve["auc"] for name, curve in verified["curves"].items()}
    assert areas["all"] > 0.95
    assert 0.6 < areas["half"] < 0.9
    assert abs(areas["none"] - 0.5) < 0.05
    assert all(0 < c["auc_sd"] < 0.1 for c in verified["curves"].values())


def test_mean_curves(verified):
    rates = np.linspace(0, 1, 101)
    for curve in verified["curves"].values():
        rising = curve["true_rates"]
        assert rising.shape == (101,) and rising[-1] == 1
        assert (np.diff(rising) >= 0).all()
        area = np.sum(np.diff(rates) * (rising[1:] + rising[:-1]) / 2)
        assert area == pytest.approx(curve["auc"], abs=0.01)


def test_protocol(verified):
    protocol = {k: v for k, v in verified.items() if k not in ("curves", "pairs")}
    assert protocol == {"images": 300, "clusters": 20, "folds": 5}
    assert len(verified["pairs"]) == 5
    # 60 images in 20 groups have about 60 x 59 / 2 / 20 pairs of one group.
    assert all(100 < count <= 400 and count % 2 == 0 for count in verified["pairs"])


def test_no_more_pairs_than_asked_for_and_the_same_for_a_seed():
    rng = np.random.default_rng(3)
    colors, features = rng.normal(size=(100, 3)), {"a": rng.normal(size=(100, 4))}
    results = [
        verify_style(features, colors, clusters=3, pairs=7, seed=s) for s in (1, 1, 2)
    ]
    assert results[0]["pairs"] == [14] * 5
    areas = [result["curves"]["a"]["auc"] for result in results]
    assert areas[0] == areas[1] != areas[2]


def test_cosines_not_lengths_are_compared():
    rng = np.random.default_rng(4)
    group = rng.integers(0, 4, 100)
    colors = 100.0 * np.eye(4)[group, :3]
    features = np.eye(4)[group] * rng.uniform(0.1, 50, (100, 1))
    result = verify_style({"a": features}, colors, clusters=4)
    assert result["curves"]["a"]["auc"] == 1


def test_too_many_clusters():
    colors = np.random.default_rng(0).normal(size=(12, 3))
    with pytest.raises(InputError, match=r"--clusters=100: more than the 12 images"):
        verify_style({}, colors)
    with pytest.raises(InputError, match=r"no two of one cluster.*--clusters=12"):
        verify_style({}, colors, clusters=12)


class ReadsTheCorner:
    """A style encoder that sees nothing but the color of the background."""

    def styles(self, images):
        return images[:, :4, :4].mean(axis=(1, 2)).astype(np.float32) - 128


@pytest.fixture(scope="module")
def split():
    """Discs before grounds of six colors; captions say nothing of the ground."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:76, :76] - 37.5
    ground = rng.integers(0, 6, 120)
    leaf, shadow, earth = (20, 90, 20), (30, 30, 30), (120, 90, 60)
    stone, grass, dusk = (170, 180, 190), (90, 140, 40), (60, 60, 130)
    palette = np.array([leaf, shadow, earth, stone, grass, dusk])
    images = np.where(
        (np.hypot(x, y) < 20)[..., None], (240, 60, 120), palette[ground][:, None, None]
    )
    noise = rng.integers(-6, 7, images.shape)
    return Split(
        images=np.clip(images + noise, 0, 255).astype(np.uint8),
        embeddings=(5 + rng.normal(size=(240, 8))).astype(np.float16),
        caption_offsets=np.arange(0, 241, 2),
        labels=np.zeros(120, np.int32),
        captions=["a red flower"] * 240,
    )


def test_measure_on_pictures(split):
    result = measure_style({"S": ReadsTheCorner()}, split, clusters=6, seed=0)
    curves = result["curves"]
    assert list(curves) == ["S", "control: captions", "control: 8 x 8 pixels"]
    assert curves["S"]["auc"] > 0.9
    assert curves["control: 8 x 8 pixels"]["auc"] > 0.9
    assert abs(curves["control: captions"]["auc"] - 0.5) < 0.1
    assert result["segmentation"] == "color_groups_v1"
    figure = np.asarray(draw_curves(result, "six colors"))
    assert figure.shape == (900, 900, 3)
    assert figure.std() > 10


def test_correlation_by_hand():
    rng = np.random.default_rng(0)
    shown, generated = rng.normal(size=(6, 3)), rng.normal(size=(6, 4, 3))
    by_hand = [
        np.corrcoef(np.repeat(shown[:, i], 4), generated[..., i].ravel())[0, 1]
        for i in range(3)
    ]
    assert color_correlation(shown, generated) == pytest.approx(np.mean(by_hand))
    same = np.repeat(shown[:, None], 4, axis=1)
    assert color_correlation(shown, 5 + 2 * same) == pytest.approx(1)
    same[..., 0] = 3.0
    assert color_correlation(shown, same) == pytest.approx(2 / 3)


def test_transfer_is_told_from_shuffled_styles(split, monkeypatch):
    def copies(model, style_encoder, style_images, captions):
        return np.repeat(style_images[:, None], len(captions), axis=1)

    monkeypatch.setattr("text_to_image.evaluations.style.transfer", copies)
    result = transfer_correlation(None, None, split, num_images=120, seed=0)
    assert result["correlation"] == pytest.approx(1, abs=1e-6)
    assert abs(result["shuffled"]) < 0.2 and 0.05 < result["shuffled_sd"] < 0.4
    assert (result["styles"], result["captions"]) == (12, 10)


def test_transfer_of_a_run(split, trained):
    reader = StyleReader(StyleEncoder("dcgan", width=4))
    model = TextToImage.load(trained)
    result = transfer_correlation(model, reader, split, num_images=30, seed=0)
    assert result["styles"] == 3 and -1 <= result["correlation"] <= 1


def test_table(verified):
    transferred = {
        "correlation": 0.41,
        "shuffled": 0.01,
        "shuffled_sd": 0.02,
        "styles": 50,
        "captions": 10,
    }
    table = format_table(verified, transferred)
    for part in ("300 images, 20 clusters, 5 folds", "chance 0.500", "0.410", "0.010"):
        assert part in table
    assert f"{verified['curves']['half']['auc']:.3f}" in table


def call(*arguments, code=0):
    result = subprocess.run(
        [sys.executable, "evaluate.py", "style", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout if code == 0 else result.stderr


def enlarge(split, times):
    """Repeats the images of a split of a cache, with their captions."""
    for name in ("images", "labels", "embeddings"):
        array = np.load(split / f"{name}.npy")
        np.save(split / f"{name}.npy", np.concatenate([array] * times))
    counts = np.diff(np.load(split / "caption_offsets.npy"))
    np.save(split / "caption_offsets.npy", np.append(0, np.cumsum([counts] * times)))
    captions = json.loads((split / "captions.json").read_text())
    (split / "captions.json").write_text(json.dumps(captions * times))


@pytest.mark.slow
def test_command(trained, cache_copy, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    lines = call(f"--workdir={run}", code=1).splitlines()
    [line] = [line for line in lines if line.startswith("error:")]
    assert "python train.py style" in line
    directory = StyleEncoderDirectory(run)
    directory.begin(TextToImage.load(run), {"steps": 1})
    directory.save(StyleEncoder("dcgan", width=4))
    other = shutil.copytree(run, tmp_path / "other")
    enlarge(cache_copy / "validation", 10)
    flags = ("--clusters=3", "--num_images=30", "--split=validation")
    flags += (f"--cache_dir={cache_copy}",)
    output = call(f"--workdir={run}", f"--compare={other}", *flags)
    for name in (f"S of {run} (gan_cls)", f"S of {other} (gan_cls)", "captions"):
        assert name in output
    record = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert record["metric"] == "style_verification"
    assert record["split"] == "validation" and record["images"] == 120
    assert set(record["runs"]) == {str(run), str(other)}
    assert set(record["areas"][f"S of {run} (gan_cls)"]) == {"auc", "auc_sd"}
    assert record["transfer"]["captions"] == 10
    for name in ("style_roc", "style_segmentation"):
        with Image.open(run / f"{name}.png") as image:
            assert image.mode == "RGB"
