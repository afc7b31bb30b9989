"""In threads and within an event loop, results are those of one thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from text_to_image.sampling import TextToImage

CAPTIONS = ["a red flower", "petals are blue", "white petals", "a blue flower"]


def jobs():
    for number in range(48):
        captions = [CAPTIONS[(number + i) % 4] for i in range(1 + number % 3)]
        yield captions, list(range(number % 5, number % 5 + 1 + number % 4))


def test_sixteen_threads_on_one_model_give_what_one_gives(trained):
    expected = [TextToImage.load(trained).generate(*job) for job in list(jobs())[:12]]
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


def test_a_running_event_loop_is_no_obstacle(trained, tiny_config, tmp_path):
    from text_to_image.training import train

    async def cell():  # of a notebook
        train(tiny_config, tmp_path / "run")
        return TextToImage.load(tmp_path / "run").generate(CAPTIONS, [0])

    images = asyncio.run(cell())
    expected = TextToImage.load(trained).generate(CAPTIONS, [0])
    np.testing.assert_array_equal(images, expected)


def test_training_runs_in_a_thread(trained, tiny_config, tmp_path):
    from text_to_image.training import train

    with ThreadPoolExecutor(1) as pool:
        pool.submit(train, tiny_config, tmp_path / "run").result()
    images = TextToImage.load(tmp_path / "run").generate(CAPTIONS, [0])
    np.testing.assert_array_equal(
        images, TextToImage.load(trained).generate(CAPTIONS, [0])
    )
