"""Features of the real images of a split, computed once for all runs on a data set."""

from pathlib import Path

import numpy as np
from absl import logging
from scipy.ndimage import gaussian_filter

from foundation.atomic import new_file
from foundation.boundary import MEBIBYTE, open_arrays
from text_to_image.data.cache import Cache
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.feature_model import FeatureModel, Features


class RealFeatures:
    """Applies a network to the real images of splits, and keeps what comes out.

    It is kept in `real_features/` of the data cache: one `.npz` file for a split, a
    network and a blur, that names the data (sha256 of the manifest), the network
    (sha256 of its file) and the resizing rule. A file of something else, or a damaged
    one, is made anew; where none can be written, nothing is kept.

    Args:
        cache: of the data set.
        feature_model: the network.
    """

    def __init__(self, cache: Cache, feature_model: FeatureModel):
        self._cache = cache
        self._feature_model = feature_model
        self._folder = cache.directory / "real_features"

    def of_split(self, name: str, blur: float = 0) -> Features:
        """Returns the features of the central 64 x 64 pixels of all images.

        Args:
            name: of the split.
            blur: standard deviation, in pixels, of a Gaussian that blurs them first.

        Returns:
            One row an image of the split, in order.
        """
        model = self._feature_model
        blurred = f"_blur{blur:g}" if blur else ""
        path = self._folder / f"{name}{blurred}_{model.name}_{model.sha256[:12]}.npz"
        made_from = " ".join(
            (self._cache.manifest_sha256, model.sha256, model.resizing, name, blurred)
        )
        found = _read(path, made_from)
        if found is not None:
            return found
        images = blur_images(center_crop(self._cache.split(name).images), blur)
        title = f"{model.name} of {name}" + (f", blur {blur:g}" if blur else "")
        features = model(images, title)
        self._write(path, made_from, features)
        return features

    def _write(self, path: Path, made_from: str, features: Features) -> None:
        try:
            self._folder.mkdir(exist_ok=True)
            with new_file(path) as file:
                np.savez(file, made_from=made_from, **features._asdict())
        except OSError as error:
            logging.warning(
                "%s: features are not kept (%s); the next call computes them again.",
                path,
                error.strerror,
            )


def blur_images(images: np.ndarray, sigma: float) -> np.ndarray:
    """Blurs images with a Gaussian of `sigma` pixels; 0 leaves them as they are.

    Args:
        images: uint8 `[N, H, W, 3]`.
        sigma: standard deviation.

    Returns:
        uint8 `[N, H, W, 3]`.
    """
    if sigma == 0:
        return images
    blurred = [
        gaussian_filter(image.astype(np.float32), (sigma, sigma, 0)) for image in images
    ]
    return np.rint(np.stack(blurred)).astype(np.uint8)


def _read(path: Path, made_from: str) -> Features | None:
    """Returns what is kept, or None where it is missing, damaged or of another."""
    try:
        with open_arrays(path, most=16 * 1024 * MEBIBYTE) as kept:
            if str(kept["made_from"]) != made_from:
                return None
            return Features(**{name: kept[name] for name in Features._fields})
    except Exception:  # of a file in any state: features are computed again
        return None
