"""The figures of a run: what stands where, and that a call can be repeated."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.data.cache import Cache
from text_to_image.evaluations.figures import draw_figures
from text_to_image.models import StyleEncoder
from text_to_image.style.directory import StyleEncoderDirectory

TILE = 128  # an image of 64 pixels at twice its size
HEADING, TEXT_LINE = 19, 19


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def row_of(images):
    """Images side by side at twice their size, by Pillow."""
    row = Image.fromarray(np.concatenate(list(images), axis=1))
    return np.asarray(row.resize((row.width * 2, row.height * 2), Image.BICUBIC))


def row_tops(count, lines, heading):
    """Where rows begin, in pixels, each above `lines` lines of text."""
    pitch = TILE + 16 + lines * TEXT_LINE
    return [8 + heading + i * pitch for i in range(count)]


@pytest.fixture(scope="module")
def run(trained, amplified, tmp_path_factory):
    """A copy of the run whose images differ from each other, and its model."""
    workdir = tmp_path_factory.mktemp("runs") / "run"
    shutil.copytree(trained, workdir)
    model = TextToImage.load(workdir)
    amplified(model.generator)
    # The vectors of the tiny encoder lie near each other.
    projection = model.generator.network.text_projection.kernel
    projection.assign(100 * projection)
    pictures = model.generate(["a red flower", "petals are blue"], [0, 1]).astype(int)
    assert np.abs(pictures[0] - pictures[1]).mean() > 10
    assert np.abs(pictures[:, 0] - pictures[:, 1]).mean() > 10
    return workdir, model


@pytest.fixture(scope="module")
def cache(tiny_cache):
    return Cache(tiny_cache)


@pytest.fixture(scope="module")
def drawn(run, cache):
    """Paths and figures.json of a run without a style encoder."""
    workdir, model = run
    paths = draw_figures(model, cache, "test", 3, workdir)
    return paths, json.loads(paths["figures"].read_text())


def check_examples(examples, cache):
    """Each caption is one of its image, each label that of the image."""
    split = cache.split("test")
    for example in examples:
        first, end = split.caption_offsets[example["image"] :][:2]
        assert example["caption"] in split.captions[first:end]
        assert example["label"] == split.labels[example["image"]]


def check_ends(shown, first, last):
    """The outer images, but for 4 pixels that take part of their neighbours."""
    np.testing.assert_array_equal(shown[:, : TILE - 4], row_of([first])[:, :-4])
    np.testing.assert_array_equal(shown[:, 4 - TILE :], row_of([last])[:, 4:])


def test_files(drawn, run):
    paths, record = drawn
    names = ["zero_shot", "sentence_interpolation", "noise_interpolation"]
    assert list(paths) == [*names, "figures"]
    folder = run[0] / "figures"
    written = {f"{name}.png" for name in names} | {"figures.json"}
    assert {path.name for path in folder.iterdir()} == written
    assert all(paths[name] == folder / f"{name}.png" for name in names)
    expected = {"dataset": "tiny", "split": "test", "seed": 3, "step": 3}
    assert {name: record[name] for name in expected} == expected
    assert list(record) == [*expected, *names]


def test_zero_shot(drawn, run, cache):
    paths, record = drawn
    rows, seeds = record["zero_shot"]["rows"], record["zero_shot"]["seeds"]
    assert len(rows) == 12 and len(set(seeds)) == 4
    check_examples(rows, cache)
    labels = [row["label"] for row in rows]
    assert all(sorted(labels[i : i + 3]) == [0, 1, 2] for i in range(0, 12, 3))
    assert {row["image"] for row in rows} == set(range(12))  # none twice
    figure = pixels(paths["zero_shot"])
    assert figure.shape[1] == 5 * TILE + 16
    images = cache.split("test").images
    for top, row in zip(row_tops(12, 1, HEADING), rows, strict=False):
        samples = run[1].generate([row["caption"]], seeds)[0]
        real = images[row["image"], 6:70, 6:70]
        shown = figure[top : top + TILE, 8:-8]
        np.testing.assert_array_equal(shown, row_of([real, *samples]))
        below = figure[top + TILE : top + TILE + 2 + TEXT_LINE]
        assert (below < 128).any()  # the caption
    for column in range(5):  # "real" and the seeds
        left = 8 + column * TILE
        assert (figure[8 : 8 + HEADING, left : left + TILE] < 128).any()


def test_sentence_interpolation(drawn, run, cache):
    paths, record = drawn
    record = record["sentence_interpolation"]
    figure = pixels(paths["sentence_interpolation"])
    tops = row_tops(4, 2, 0)
    assert record["steps"] == 8 and len(record["rows"]) == 4
    assert figure.shape[1] == 8 * TILE + 16
    z = run[1].noise([record["seed"]])
    for top, pair in zip(tops, record["rows"], strict=True):
        check_examples(pair, cache)
        assert pair[0]["label"] != pair[1]["label"]
        a, b = run[1].embed([example["caption"] for example in pair])
        inner = [((7 - i) * a + i * b) / 7 for i in range(1, 7)]
        path = [run[1].generate_from(z, text[None])[0] for text in (a, *inner, b)]
        shown, expected = figure[top : top + TILE, 8:-8], row_of(path)
        check_ends(shown, path[0], path[-1])
        # The weights of a point between may round differently.
        assert np.abs(shown.astype(int) - expected).mean() < 1
        for line in range(2):  # left and right caption
            start = top + TILE + 2 + line * TEXT_LINE
            assert (figure[start : start + TEXT_LINE] < 128).any()


def test_noise_interpolation(drawn, run, cache):
    paths, record = drawn
    record = record["noise_interpolation"]
    figure = pixels(paths["noise_interpolation"])
    assert record["noise_path"] == "linear" and len(record["rows"]) == 4
    check_examples(record["rows"], cache)
    for top, row in zip(row_tops(4, 1, HEADING), record["rows"], strict=True):
        ends = run[1].generate([row["caption"]], record["seeds"])[0]
        shown = figure[top : top + TILE, 8:-8]
        assert shown.shape[1] == 8 * TILE
        check_ends(shown, *ends)


def test_a_seed_repeats_its_figures(drawn, run, cache):
    paths, record = drawn
    before = {name: path.read_bytes() for name, path in paths.items()}
    workdir, model = run
    again = draw_figures(model, cache, "test", 3, workdir)
    assert {name: path.read_bytes() for name, path in again.items()} == before
    other = draw_figures(model, cache, "validation", 4, workdir)
    values = json.loads(other["figures"].read_text())
    assert values["split"] == "validation"
    for name in ("zero_shot", "sentence_interpolation", "noise_interpolation"):
        assert values[name] != record[name]


def test_without_style_encoder_one_line_says_how_to_train_it(run, cache, capsys):
    workdir, model = run
    stale = workdir / "figures" / "style_transfer.png"
    stale.parent.mkdir(exist_ok=True)
    stale.touch()
    paths = draw_figures(model, cache, "test", 0, workdir)
    assert "style_transfer" not in paths and not stale.exists()
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("left out: style_transfer.png: ")
    assert line.endswith(f"python train.py style --workdir={workdir}")


def test_style_transfer(run, amplified, cache, tmp_path, capsys):
    workdir, model = tmp_path / "run", run[1]
    shutil.copytree(run[0], workdir)
    # Styles as far apart as noise.
    style_encoder = amplified(StyleEncoder("dcgan", width=4))
    directory = StyleEncoderDirectory(workdir)
    directory.begin(model, {"steps": 1})
    directory.save(style_encoder)
    paths = draw_figures(model, cache, "test", 3, workdir)
    assert not capsys.readouterr().out
    everything = json.loads(paths["figures"].read_text())
    record = everything["style_transfer"]
    styles, columns = record["styles"], record["columns"]
    assert len(styles) == len(columns) == 6
    check_examples(columns, cache)
    photographs = cache.split("test").images[[style["image"] for style in styles]]
    photographs = photographs[:, 6:70, 6:70]
    s = style_encoder(photographs / np.float32(127.5) - 1).numpy()
    texts = model.embed([column["caption"] for column in columns])
    figure, pitch = pixels(paths["style_transfer"]), TILE + 8
    first_top = figure.shape[0] - 6 * pitch
    for row in range(6):
        images = model.generate_from(np.repeat(s[row : row + 1], 6, axis=0), texts)
        top = first_top + row * pitch
        for column, image in enumerate([photographs[row], *images]):
            shown = figure[top : top + TILE, 8 + column * pitch :][:, :TILE]
            # S of a batch of another size may round differently.
            assert np.abs(shown.astype(int) - row_of([image])).mean() < 1
    # The others do not depend on whether there is a style encoder.
    workdir = tmp_path / "without"
    shutil.copytree(run[0], workdir)
    without = draw_figures(model, cache, "test", 3, workdir)
    del everything["style_transfer"]
    assert json.loads(without["figures"].read_text()) == everything


def test_no_figures_of_a_run_without_captions(run, cache, tmp_path):
    description = run[1].description
    config = dataclasses.replace(description.config, conditional=False, objective="gan")

    class Unconditional:
        description = dataclasses.replace(run[1].description, config=config)

    with pytest.raises(InputError, match=r"generate.py --workdir=\S+ --seeds=0-63$"):
        draw_figures(Unconditional(), cache, "test", 0, tmp_path)
    assert not list(tmp_path.iterdir())
