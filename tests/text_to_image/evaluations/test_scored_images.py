"""What is generated for scores: an image of one caption of each of N images."""

import dataclasses

import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.data.cache import Cache
from text_to_image.evaluations.scored_images import generate_scored_images
from text_to_image.runs.parts import ModelParts


@pytest.fixture(scope="module")
def split(tiny_cache):
    return Cache(tiny_cache).split("test")


@pytest.fixture(scope="module")
def pictures(model, split):
    return generate_scored_images(model, split, 11, seed=3)


def test_images_come_once_with_a_caption_of_their_own(pictures, split):
    assert len(set(pictures.rows.tolist())) == 11
    for row, caption_row in zip(pictures.rows, pictures.caption_rows, strict=True):
        first, end = split.caption_offsets[row : row + 2]
        assert first <= caption_row < end
    assert pictures.captions == [split.captions[i] for i in pictures.caption_rows]
    np.testing.assert_array_equal(
        pictures.real, split.images[pictures.rows][:, 6:70, 6:70]
    )


def test_pictures_are_of_the_captions_in_the_cache(pictures, model, split):
    assert (pictures.generated.shape, pictures.generated.dtype) == (
        (11, 64, 64, 3),
        np.uint8,
    )
    # Generated in the same order, the first image has the first seed that was drawn.
    rng = np.random.default_rng(3)
    rng.choice(12, 11, replace=False)
    offsets = split.caption_offsets
    rng.integers(offsets[pictures.rows], offsets[pictures.rows + 1])
    seeds = rng.integers(2**31, size=11).tolist()
    vectors = split.embeddings[pictures.caption_rows].astype(np.float32)
    expected = model.generate_from(model.noise(seeds), vectors)
    np.testing.assert_array_equal(pictures.generated, expected)
    assert len(np.unique(pictures.generated, axis=0)) == 11


def test_samples_share_their_noises(pictures, model, split):
    assert pictures.samples.shape == (11, 8, 64, 64, 3)
    same = [i for i, c in enumerate(pictures.captions) if c == pictures.captions[0]]
    assert len(same) > 1  # equal captions show that the noises are equal
    for i in same:
        np.testing.assert_array_equal(pictures.samples[i], pictures.samples[0])
    assert len(np.unique(pictures.samples[0], axis=0)) == 8


def test_the_same_run_to_run_and_another_with_another_seed(pictures, model, split):
    again = generate_scored_images(model, split, 11, seed=3)
    for field in dataclasses.fields(pictures):
        one, other = getattr(pictures, field.name), getattr(again, field.name)
        np.testing.assert_array_equal(one, other)
    other = generate_scored_images(model, split, 11, seed=4)
    assert not np.array_equal(other.generated, pictures.generated)


def test_no_more_than_the_split_has(model, split):
    assert len(generate_scored_images(model, split, 1000, seed=0).rows) == 12


def test_too_few(model, split):
    with pytest.raises(InputError, match="9 images, expected at least 10"):
        generate_scored_images(model, split, 9, seed=0)


def test_pictures_that_are_no_numbers(model, split):
    weights = model.generator.get_weights()
    model.generator.set_weights([np.full_like(w, np.nan) for w in weights])
    try:
        with pytest.raises(InputError, match="values that are not finite"):
            generate_scored_images(model, split, 12, seed=0)
    finally:
        model.generator.set_weights(weights)


def test_run_without_captions(model, split):
    config = dataclasses.replace(
        model.description.config, conditional=False, objective="gan"
    )
    description = dataclasses.replace(model.description, config=config)
    unconditional = TextToImage(
        ModelParts(
            description, model.encoder, model.generator, model.text_scaling, model.step
        )
    )
    with pytest.raises(InputError, match="--noconditional, expected one that reads"):
        generate_scored_images(unconditional, split, 12, seed=0)
