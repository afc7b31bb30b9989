"""Batches: what they hold, and that they are a function of (seed, step) alone."""

import numpy as np
import pytest
import tensorflow as tf

from foundation.errors import InputError
from text_to_image.config import Config
from text_to_image.data.batches import average_captions
from text_to_image.data.cache import Split
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.data.text_statistics import text_statistics


def split_of(labels, captions_per_image=2, dim=3):
    """A split whose pixels and vectors name the image and caption they are of."""
    count = len(labels)
    images = np.broadcast_to(
        np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 76, 76, 3)
    )
    captions = count * captions_per_image
    embeddings = np.repeat(np.arange(captions, dtype=np.float32)[:, None], dim, 1)
    offsets = np.arange(count + 1, dtype=np.int64) * captions_per_image
    return Split(images, embeddings, offsets, np.array(labels, np.int32), [])


def image_numbers(images):
    return np.rint((np.asarray(images)[:, 0, 0, 0] + 1) * 127.5).astype(int)


def dataset_of(split, batch_size=16, **values):
    return DeviceDataset(split, Config(batch_size=batch_size, z_dim=5, **values))


LABELS = np.array([3] * 2 + [7] * 30 + [9] * 8)


def assert_uniform(numbers):
    """Classes are uniform, and images within a class."""
    shares = [(LABELS[numbers] == label).mean() for label in (3, 7, 9)]
    np.testing.assert_allclose(shares, 1 / 3, atol=0.006)
    within = np.bincount(numbers, minlength=40)[LABELS == 7]
    assert within.min() > 0.85 * within.mean()


def drawn(count, **values):
    """Batches of 40 of the split above, side by side."""
    dataset = dataset_of(split_of(LABELS), batch_size=40, **values)

    @tf.function
    def batch_of(step):
        batch = dataset.batch(step)
        # One pixel names the image.
        return {k: v[:, :1, :1] if "images" in k else v for k, v in batch.items()}

    batches = [batch_of(tf.constant(step)) for step in range(count)]
    return {name: np.concatenate([b[name] for b in batches]) for name in batches[0]}


def caption_numbers(vectors):
    return vectors[:, 0].astype(int)


@pytest.mark.slow
def test_mismatched_texts_are_of_another_class():
    batches = drawn(2500)  # 100,000 pairs
    assert set(batches) == {
        *("real_images", "text_embedding", "wrong_text_embedding", "z")
    }
    real = image_numbers(batches["real_images"])
    # Each image with a caption of its own; both of its captions are drawn.
    right = caption_numbers(batches["text_embedding"])
    np.testing.assert_array_equal(right // 2, real)
    assert 0.45 < (right % 2).mean() < 0.55
    wrong = caption_numbers(batches["wrong_text_embedding"]) // 2
    assert (LABELS[real] != LABELS[wrong]).all()
    assert_uniform(real)
    assert_uniform(wrong)


@pytest.mark.slow
def test_mismatched_images_are_of_another_class():
    batches = drawn(2500, mismatch="image")
    assert "wrong_text_embedding" not in batches
    real = image_numbers(batches["real_images"])
    wrong = image_numbers(batches["wrong_images"])
    right = caption_numbers(batches["text_embedding"])
    np.testing.assert_array_equal(right // 2, real)
    assert (LABELS[real] != LABELS[wrong]).all()
    assert_uniform(wrong)


def test_a_batch_holds_what_its_objective_needs():
    split = split_of(LABELS)

    def shapes(**values):
        batch = dataset_of(split, 4, **values).batch(tf.constant(0))
        return {name: tuple(value.shape) for name, value in batch.items()}

    plain = {"real_images": (4, 64, 64, 3), "text_embedding": (4, 3), "z": (4, 5)}
    assert shapes(objective="gan") == plain
    interpolated = {
        **{"beta": (1, 4, 1), "interpolation_z": (1, 4, 5)},
        **{"first_embedding": (4, 3), "second_embedding": (4, 3)},
    }
    assert shapes(objective="gan_int") == {**plain, **interpolated}
    assert shapes(
        objective="gan_int_cls",
        update="alternating",
        generator_steps=2,
        interpolation_batch="shared",
    ) == {
        **plain,
        "wrong_text_embedding": (4, 3),
        "generator_z": (2, 4, 5),
        "beta": (2, 2, 1),
        "interpolation_z": (2, 2, 5),
        "first_embedding": (2, 3),
        "second_embedding": (2, 3),
    }


@pytest.mark.parametrize(
    ("values", "first", "second"),
    [
        ({}, [0, 1, 2, 3], [1, 2, 3, 0]),
        (
            {"update": "alternating", "interpolation_batch": "shared"},
            *([0, 1], [2, 3]),
        ),
    ],
)
def test_pairs_are_of_captions_of_the_batch(values, first, second):
    dataset = dataset_of(split_of(LABELS), 4, objective="gan_int", **values)
    batch = dataset.batch(tf.constant(0))
    texts = np.asarray(batch["text_embedding"])
    assert len(np.unique(texts)) == 4
    np.testing.assert_array_equal(batch["first_embedding"], texts[first])
    np.testing.assert_array_equal(batch["second_embedding"], texts[second])


def test_noise_of_alternating_updates():
    split = split_of(LABELS)
    fresh = {"update": "alternating", "generator_steps": 2}
    batch = dataset_of(split, 4, **fresh).batch(tf.constant(0))
    first, second = np.asarray(batch["generator_z"])
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, batch["z"])
    same = dataset_of(split, 4, **fresh, fresh_noise=False).batch(tf.constant(0))
    for z in same["generator_z"]:
        np.testing.assert_array_equal(z, same["z"])


@pytest.mark.parametrize(
    ("name", "mean", "low", "high"),
    [("half", 0.5, 0.5, 0.5), ("uniform", 0.5, 0, 1), ("extrapolated", 0.5, -0.5, 1.5)],
)
def test_beta(name, mean, low, high):
    beta = drawn(100, objective="gan_int", interpolation_beta=name)["beta"].ravel()
    assert beta.mean() == pytest.approx(mean, abs=0.02)
    assert low <= beta.min() <= low + 0.01
    assert high - 0.01 <= beta.max() <= high


def test_averaged_captions_are_as_long_as_one():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(6, 4, 10)).astype("f4") + 1
    averaged = np.asarray(average_captions(tf.constant(vectors)))
    mean = vectors.astype(np.float64).mean(1)
    norm = np.linalg.norm(vectors, axis=2).mean(1, keepdims=True)
    expected = mean / np.linalg.norm(mean, axis=1, keepdims=True) * norm
    np.testing.assert_allclose(averaged, expected, rtol=1e-5)
    np.testing.assert_array_equal(average_captions(vectors[:, :1]), vectors[:, 0])
    assert not np.asarray(average_captions(tf.zeros((2, 4, 3)))).any()
    # In a batch: means of the two captions of the image, drawn with replacement.
    batches = drawn(50, captions_per_image=4)
    captions = batches["text_embedding"][:, 0]
    real = image_numbers(batches["real_images"])
    shares = np.unique(np.round((captions - 2 * real) * 4).astype(int))
    assert shares.tolist() == [0, 1, 2, 3, 4]


def test_a_batch_is_a_function_of_seed_and_step():
    split = split_of([0, 0, 1, 1])
    first = dataset_of(split, 4).batch(tf.constant(5))
    again = dataset_of(split, 4).batch(tf.constant(5))
    other_step = dataset_of(split, 4).batch(tf.constant(6))
    other_seed = dataset_of(split, 4, seed=1).batch(tf.constant(5))
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])
    for other in (other_step, other_seed):
        assert not np.array_equal(first["z"], other["z"])
        assert not np.array_equal(first["real_images"], other["real_images"])


def test_crops_and_flips():
    ramp = np.arange(76, dtype=np.uint8)
    images = np.zeros((16, 76, 76, 3), np.uint8)
    images[..., 0] = ramp[:, None]  # row
    images[..., 1] = ramp[None, :]  # column
    split = split_of([0] * 8 + [1] * 8)
    split = Split(images, *(getattr(split, n) for n in list(vars(split))[1:]))
    dataset = dataset_of(split)
    tops, lefts, flips = set(), set(), []
    for step in range(60):
        batch = dataset.batch(tf.constant(step))
        pixels = np.rint((np.asarray(batch["real_images"]) + 1) * 127.5).astype(int)
        for image in pixels:
            rows, columns = image[:, 0, 0], image[0, :, 1]
            np.testing.assert_array_equal(np.diff(rows), 1)
            flips.append(columns[0] > columns[-1])
            if flips[-1]:
                columns = columns[::-1]
            np.testing.assert_array_equal(np.diff(columns), 1)
            tops.add(rows[0])
            lefts.add(columns[0])
    assert tops == lefts == set(range(13))  # every offset of 76 - 64, 0 included
    assert 0.45 < np.mean(flips) < 0.55


def test_values_and_noise():
    images = np.zeros((4, 76, 76, 3), np.uint8)
    images[::2] = 255
    split = split_of([0, 0, 1, 1])
    split = Split(images, *(getattr(split, n) for n in list(vars(split))[1:]))
    batch = dataset_of(split, 4).batch(tf.constant(0))
    assert set(np.unique(batch["real_images"])) <= {-1.0, 1.0}
    normal = drawn(200)["z"]
    assert abs(normal.mean()) < 0.05
    assert abs(normal.std() - 1) < 0.05
    uniform = drawn(20, noise="uniform")["z"]
    assert np.abs(uniform).max() <= 1
    assert uniform.std() == pytest.approx(3**-0.5, abs=0.03)


def test_text_statistics_give_the_norm_asked_for():
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(500, 20)) * rng.uniform(0.1, 2, 20) + 3).astype("f4")
    split = Split(None, vectors, None, None, [])
    offset, scale = text_statistics(split, norm=5.0)
    mapped = (vectors - offset) * scale
    np.testing.assert_allclose(mapped.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(np.sqrt(np.square(mapped).sum(1).mean()), 5, rtol=1e-3)
    np.testing.assert_allclose(mapped.std(0), mapped.std(0).mean(), rtol=1e-3)
    offset, scale = text_statistics(split, norm=0.0)
    np.testing.assert_array_equal((vectors - offset) * scale, vectors)


@pytest.mark.parametrize(
    ("labels", "batch_size", "message"),
    [([4, 4, 4], 2, "1 class"), ([0, 1], 3, "--batch_size=3")],
)
def test_splits_that_cannot_be_sampled(labels, batch_size, message):
    with pytest.raises(InputError, match=message):
        dataset_of(split_of(labels), batch_size)


def test_image_without_captions_is_named():
    split = split_of([0, 1, 1])
    offsets = np.array([0, 2, 2, 4])
    with pytest.raises(InputError, match="image 1 has no captions"):
        dataset_of(Split(split.images, split.embeddings, offsets, split.labels, []), 2)
