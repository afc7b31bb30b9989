"""In threads, in an event loop and in a notebook: results as in one thread."""

import asyncio
import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from text_to_image.generation.interpolation import Interpolation, interpolate
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.generation.unknown_words import unknown_words_warnings
from text_to_image.models import StyleEncoder
from text_to_image.style.inversion import StyleReader
from text_to_image.style.transfer import transfer

ROOT = Path(__file__).parents[1]

CAPTIONS = ["a red flower", "petals are blue", "white petals", "a blue flower"]


def jobs():
    for number in range(32):
        captions = [CAPTIONS[(number + i) % 4] for i in range(1 + number % 3)]
        yield captions, list(range(number % 5, number % 5 + 1 + number % 4))


def test_sixteen_threads_on_one_model_give_what_one_gives(trained):
    expected = [TextToImage.load(trained).generate(*job) for job in list(jobs())[:4]]
    model = TextToImage.load(trained)  # fresh: the first calls are at once
    with ThreadPoolExecutor(16) as pool:
        images = list(pool.map(lambda job: model.generate(*job), jobs()))
        vectors = list(pool.map(model.encoder.encode, [CAPTIONS] * 32))
    for one, other in zip(expected, images, strict=False):
        np.testing.assert_array_equal(one, other)
    alone = TextToImage.load(trained)
    for job, image in zip(jobs(), images, strict=True):
        np.testing.assert_array_equal(alone.generate(*job), image)
    for other in vectors:
        np.testing.assert_array_equal(other, alone.encoder.encode(CAPTIONS))


def test_models_are_loaded_in_threads(trained):
    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(TextToImage.load, [trained] * 8))
    first = models[0].generate(CAPTIONS, [0])
    for model in models[1:]:
        np.testing.assert_array_equal(model.generate(CAPTIONS, [0]), first)


def test_paths_and_styles_are_generated_in_threads(trained):
    photographs = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    network = StyleEncoder("dcgan", width=4)
    both = {"changes_caption": True, "changes_noise": True}
    path = Interpolation(CAPTIONS[:2], [0, 1], 3, **both)

    def generate(model, reader):
        return (
            interpolate(model, path),
            transfer(model, reader, photographs, CAPTIONS),
            unknown_words_warnings(model.encoder, ["an odd red flower"]),
        )

    expected = generate(TextToImage.load(trained), StyleReader(network))
    model, reader = TextToImage.load(trained), StyleReader(network)
    with ThreadPoolExecutor(16) as pool:
        generated = [pool.submit(generate, model, reader) for _ in range(16)]
    for images, styles, warning in (future.result() for future in generated):
        np.testing.assert_array_equal(images, expected[0])
        np.testing.assert_array_equal(styles, expected[1])
        assert warning == expected[2]


@pytest.mark.slow
def test_runs_are_trained_in_threads(trained, tiny_config, tmp_path):
    from text_to_image.training.loop import train

    runs = [tmp_path / "one", tmp_path / "other"]
    with ThreadPoolExecutor(4) as pool:
        # What is loaded at the same time must not change the first weights.
        trainings = [pool.submit(train, tiny_config, run) for run in runs]
        loads = [pool.submit(TextToImage.load, trained) for _ in range(8)]
    for future in trainings + loads:
        future.result()
    expected = TextToImage.load(trained).generator.get_weights()
    for run in runs:
        weights = TextToImage.load(run).generator.get_weights()
        for one, other in zip(weights, expected, strict=True):
            np.testing.assert_array_equal(one, other)
        messages = [
            line.split(" ", 2)[2]  # after date and time
            for line in (run / "log.txt").read_text("utf-8").splitlines()
        ]
        assert messages[0] == f"Starting {run} at step 0."
        assert [message[:8] for message in messages[1:]] == [
            *("Training", "step 2/3", "step 3/3")
        ]


def test_a_running_event_loop_is_no_obstacle(trained, tiny_config, tmp_path):
    from text_to_image.training.loop import train

    async def cell():  # of a notebook
        train(tiny_config, tmp_path / "run")
        return TextToImage.load(tmp_path / "run").generate(CAPTIONS, [0])

    images = asyncio.run(cell())
    expected = TextToImage.load(trained).generate(CAPTIONS, [0])
    np.testing.assert_array_equal(images, expected)


def in_cell(*arguments):
    result = subprocess.run(
        [sys.executable, ROOT / "tests" / "notebook_cell.py", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.slow
def test_verbs_in_a_cell_of_a_notebook(trained, tiny_config, tiny_cache, tmp_path):
    """With progress bars: what has no `isatty` is taken for a terminal."""
    flagfile = tmp_path / "tiny.cfg"
    flagfile.write_text(tiny_config.to_flagfile(), "utf-8")
    run = tmp_path / "run"
    shown = in_cell("train.py", f"--flagfile={flagfile}", f"--workdir={run}")
    assert "step 3/3" in shown
    outdir = tmp_path / "pictures"
    caption = "--caption=a red flower, caf\u00e9"
    shown = in_cell("generate.py", f"--workdir={run}", caption, f"--outdir={outdir}")
    assert "8 images" in shown
    in_cell("evaluate.py", "colors", f"--workdir={run}", "--num_images=6")


@pytest.mark.slow
def test_data_prep_in_a_cell_of_a_notebook(tmp_path):
    """TensorFlow Datasets, too: it must need no event loop of its own."""
    path = ROOT / "tests" / "data_prep" / "conftest.py"
    spec = importlib.util.spec_from_file_location("tiny_archives", path)
    archives = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(archives)
    manual, cache = archives.write_archives(tmp_path / "manual"), tmp_path / "cache"
    shown = in_cell(
        "-m", "data_prep", "--dataset=flowers102_captions", f"--manual_dir={manual}",
        f"--cache_dir={cache}", "--encoder_kind=uni", "--encoder_dim=8",
        "--encoder_word_dim=6", "--encoder_steps=4",
    )  # fmt: skip
    assert f"cache: {cache}" in shown
    sentences = tmp_path / "sentences.txt"
    sentences.write_text("a red flower\n", "utf-8")
    vectors = tmp_path / "vectors.npy"
    in_cell(
        "-m", "skipthoughts", "encode", f"--encoder={cache / 'encoder'}",
        f"--input={sentences}", f"--output={vectors}",
    )  # fmt: skip
    assert np.load(vectors).shape == (1, 8)
