"""A small classifier of real images: features, and what an inception score needs.

The published scores are of a network that was fine-tuned on flowers and is not to be
had. This one stands in for it: real images of the `train` split in, a `.keras` file
that `FeatureModel` reads out. It never sees the classes that scores are taken on.
"""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from tqdm import tqdm

from foundation.errors import InputError
from foundation.keras_files import save_keras_model
from foundation.keras_settings import FirstWeights
from text_to_image.data.cache import Cache
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.models.image_size import IMAGE_SIZE

EPOCHS = 20
_BATCH = 64
_LEARNING_RATE = 2e-3  # at first; it falls to 0 along a cosine
_HELD_OUT = 10  # one image in so many of each class
_WIDTHS = (32, 64, 128, 256)  # channels at 32, 16, 8 and 4 pixels
_DROPOUT = 0.4

_FORMAT = {"data_format": "channels_last"}


def train_classifier(
    cache: Cache, output: str | Path, seed: int, epochs: int = EPOCHS
) -> dict[str, Any]:
    """Trains the classifier on the images of the `train` split, and writes it.

    One image in ten of each class is held out, and is what its accuracy is of.

    Args:
        cache: of any data set with classes.
        output: the `.keras` file to write.
        seed: of weights, order, crops, and which images are held out.
        epochs: passes over the images.

    Returns:
        `classes`; `train`, the images learnt from; `held_out`; `accuracy` and
        `chance` on those held out; `sha256` of the file.

    Raises:
        InputError: the file cannot be written, or there are fewer than two classes.
    """
    output = _checked_output(Path(output))
    split = cache.split("train")
    names, labels = np.unique(split.labels, return_inverse=True)
    if len(names) < 2:
        raise InputError(
            f"--cache_dir={cache.directory}: {len(names)} training class, expected at "
            "least 2 to tell apart"
        )
    rng = np.random.default_rng(seed)
    images, held_out = np.asarray(split.images), _draw_held_out(labels, rng)
    with FirstWeights(seed):
        network = make_classifier(len(names))
    _fit(network, images[~held_out], labels[~held_out], epochs, rng)
    save_keras_model(network, output)
    written = FeatureModel.load(output)
    probabilities = written(center_crop(images[held_out]), "held out").probabilities
    right = probabilities.argmax(axis=1) == labels[held_out]
    return {
        "classes": len(names),
        "train": int((~held_out).sum()),
        "held_out": int(held_out.sum()),
        "accuracy": float(right.mean()),
        "chance": 1 / len(names),
        "sha256": written.sha256,
    }


def make_classifier(classes: int) -> keras.Model:
    """Builds the network: four stages of two convolutions, the first halves the side.

    Args:
        classes: number C of classes.

    Returns:
        A model of images 0-255 `[B, 64, 64, 3]`, which gives `features` `[B, 256]`
        and `probabilities` `[B, C]`.
    """
    images = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3), dtype="float32")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(images)
    for width in _WIDTHS:
        for strides in (2, 1):
            x = layers.Conv2D(
                width,
                3,
                strides=strides,
                padding="same",
                use_bias=False,
                **_FORMAT,
                dtype="float32",
            )(x)  # [B, side, side, width]
            x = layers.BatchNormalization(momentum=0.9, dtype="float32")(x)
            x = layers.ReLU(dtype="float32")(x)
    features = layers.GlobalAveragePooling2D(**_FORMAT, dtype="float32")(x)  # [B, 256]
    kept = layers.Dropout(_DROPOUT, dtype="float32")(features)
    probabilities = layers.Dense(classes, activation="softmax", dtype="float32")(
        kept
    )  # [B, C]
    return keras.Model(images, {"features": features, "probabilities": probabilities})


def _fit(
    network: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    epochs: int,
    rng: np.random.Generator,
) -> None:
    batch = min(_BATCH, len(images))
    steps = len(images) // batch
    classifier = keras.Model(network.input, network.output["probabilities"])
    schedule = keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, epochs * steps)
    classifier.compile(
        keras.optimizers.Adam(schedule),
        loss=keras.losses.SparseCategoricalCrossentropy(dtype="float32"),
        metrics=["accuracy"],
    )
    with tqdm(total=epochs * steps, desc="training", disable=None) as bar:
        for _ in range(epochs):
            order = rng.permutation(len(images))
            for rows in order[: steps * batch].reshape(steps, batch):
                loss, accuracy = classifier.train_on_batch(
                    _augmented(images[rows], rng), labels[rows]
                )
                bar.update()
            bar.set_postfix(loss=f"{loss:.2f}", accuracy=f"{accuracy:.2f}")


def _augmented(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Crops at random, flips half of the images: `[B, 64, 64, 3]`, as GANs see them."""
    corners = rng.integers(images.shape[1] - IMAGE_SIZE + 1, size=(len(images), 2))
    crops = [
        image[top : top + IMAGE_SIZE, left : left + IMAGE_SIZE]
        for image, (top, left) in zip(images, corners, strict=True)
    ]
    flipped = rng.random(len(images)) < 0.5
    return np.stack(
        [
            crop[:, ::-1] if flip else crop
            for crop, flip in zip(crops, flipped, strict=True)
        ]
    )


def _draw_held_out(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws one image in ten of each class, one at least: bool `[N]`."""
    held_out = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        held_out[rng.permutation(members)[: max(1, len(members) // _HELD_OUT)]] = True
    return held_out


def _checked_output(path: Path) -> Path:
    if path.suffix != ".keras" or not os.access(path.parent, os.W_OK):
        raise InputError(
            f"--output={path}: cannot be written; expected a .keras file in a folder "
            "of yours: --output=classifier.keras"
        )
    return path
