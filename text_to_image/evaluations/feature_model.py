"""Images to features, by any Keras model: what scores without pixels are made of."""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import hashlib
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tqdm import tqdm

from foundation import hints
from foundation.atomic import sha256_of
from foundation.boundary import refusing
from foundation.errors import InputError
from foundation.keras_files import load_keras_model
from foundation.keras_settings import building
from text_to_image.generation.fixed_batches import BATCH, in_fixed_batches
from text_to_image.models.image_size import IMAGE_SIZE

INCEPTION_V3 = "inception_v3"
# Where Keras keeps the file that it fetches.
_INCEPTION_WEIGHTS = (
    "~/.keras/models/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
_INCEPTION_SIZE = 299
_EXPECTED = (
    "expected a Keras model, images 0-255 [N, H, W, 3] -> features [N, F], or -> a "
    "dictionary of features [N, F] and probabilities [N, C]"
)
_TRAIN = hints.command(
    "evaluate.py",
    "classifier",
    "--cache_dir=data/flowers102",
    "--output=classifier.keras",
)


class Features(NamedTuple):
    """What a network makes of N images.

    Attributes:
        features: float32 `[N, F]`.
        probabilities: of C classes, float32 `[N, C]`; `[N, 0]` if it gives none.
    """

    features: np.ndarray
    probabilities: np.ndarray


class FeatureModel:
    """A network from images to features, applied in batches of one size.

    It is always called with `training=False`: left to itself, a model whose batch norm
    was saved for training would let the features of an image depend on its batch.

    Args:
        network: maps float images 0-255 `[B, H, W, 3]` to features `[B, F]`, or to a
            dictionary of `features` and class `probabilities` `[B, C]`. Where it takes
            images of one size only, images are resized to it.
        name: of the network, in the names of metrics.
        sha256: of the file that it was read from, or of its weights in order.

    Attributes:
        name: as given.
        sha256: as given.
        num_classes: C; 0 if it gives no probabilities.
        resizing: the rule by which images come to the size that the network takes.

    Raises:
        InputError: it gives no features.
    """

    def __init__(self, network: keras.Model, name: str, sha256: str):
        self.name = name
        self.sha256 = sha256
        self._network = network
        size = _input_size(network)
        self.resizing = (
            f"bilinear, antialiased, to {size[0]} x {size[1]}"
            if size
            else "none before the network"
        )

        @tf.function
        def apply(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            if size:
                images = ops.image.resize(images, size, antialias=True)  # [B, H, W, 3]
            result = network(images, training=False)
            if not isinstance(result, dict):
                result = {"features": result, "probabilities": result[:, :0]}
            result = {name: ops.cast(x, "float32") for name, x in result.items()}
            return result["features"], result["probabilities"]

        self._apply = apply
        self._dim, self.num_classes = self._checked_widths()

    @classmethod
    def named(cls, name: str) -> "FeatureModel":
        """Loads what `--feature_model` names: a `.keras` file, or inception_v3.

        Raises:
            InputError: what `load` and `inception_v3` find.
        """
        return cls.inception_v3() if name == INCEPTION_V3 else cls.load(name)

    @classmethod
    def load(cls, path: str | Path) -> "FeatureModel":
        """Reads a `.keras` file; its name becomes the network's.

        No code in the file is run: Keras refuses what would need it.

        Raises:
            InputError: no such file, not a Keras model, or one of another kind.
        """
        path = Path(path)
        if not path.is_file() or path.suffix != ".keras":
            what = "no such file" if path.suffix == ".keras" else "not a .keras file"
            raise InputError(f"{path}: {what}; {_EXPECTED}. Train one with: {_TRAIN}")

        def told(reason: str) -> InputError:
            return InputError(
                f"{path}: cannot be read ({reason}); {_EXPECTED}. Train one with: "
                f"{_TRAIN}"
            )

        with refusing(told):
            network = load_keras_model(path)
        return cls(network, path.stem, sha256_of(path))

    @classmethod
    def inception_v3(cls) -> "FeatureModel":
        """Keras's InceptionV3, ImageNet weights: the 2,048 pooled features.

        Keras fetches the weights at the first use. They are not those of the published
        FID figures, which are of a TensorFlow graph of 2015.

        Raises:
            InputError: the weights are not there and cannot be fetched.
        """
        shape = (_INCEPTION_SIZE, _INCEPTION_SIZE, 3)
        try:
            with building():
                network = keras.applications.InceptionV3(
                    include_top=False,
                    weights="imagenet",
                    input_shape=shape,
                    pooling="avg",
                )
        except Exception as error:  # Keras raises a bare Exception where a fetch fails
            reason = str(error).strip().partition("\n")[0]
            raise InputError(
                f"--feature_model={INCEPTION_V3}: no weights ({reason}); expected "
                f"{_INCEPTION_WEIGHTS}, which Keras fetches from the network. Copy "
                "that file from a machine where it did, or name another model: "
                "--feature_model=PATH.keras"
            ) from error
        digest = hashlib.sha256()
        for weight in network.get_weights():
            digest.update(weight.tobytes())
        images = keras.Input(shape, dtype="float32")
        scale = keras.layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")
        return cls(
            keras.Model(images, network(scale(images))),
            INCEPTION_V3,
            digest.hexdigest(),
        )

    def __call__(self, images: np.ndarray, title: str) -> Features:
        """Applies the network, with a progress bar.

        Args:
            images: uint8 `[N, H, W, 3]`.
            title: of the bar.
        """
        bar = tqdm(total=len(images), desc=title, unit="image", disable=None)

        def apply(batch: np.ndarray) -> np.ndarray:
            bar.update(min(BATCH, len(images) - int(bar.n)))
            return np.concatenate(self._apply(batch.astype(np.float32)), 1)  # [B, F+C]

        with bar:
            rows = in_fixed_batches(apply, images)
        return Features(rows[:, : self._dim], rows[:, self._dim :])

    def _checked_widths(self) -> tuple[int, int]:
        """Applies the network once: it may take no images, or give no features."""
        blank = np.zeros((BATCH, IMAGE_SIZE, IMAGE_SIZE, 3), np.float32)

        def told(reason: str) -> InputError:
            return InputError(f"{self.name}: cannot be applied ({reason}); {_EXPECTED}")

        with refusing(told):
            shapes = [tuple(result.shape) for result in self._apply(blank)]
        if any(len(shape) != 2 or shape[0] != BATCH for shape in shapes):
            raise InputError(f"{self.name}: gives {shapes[0]}; {_EXPECTED}")
        return shapes[0][1], shapes[1][1]


def _input_size(network: keras.Model) -> tuple[int, int] | None:
    """Returns the height and width that a network insists on."""
    shape = getattr(network, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:3]:
        return None
    return shape[1], shape[2]
