"""The data sets by name, built by TensorFlow Datasets."""

import importlib
from pathlib import Path

import tensorflow_datasets as tfds

from skipthoughts.errors import InputError

_BUILDERS = {
    "rendered_flowers": ("data_prep.rendered_flowers.builder", "RenderedFlowers"),
    "flowers102_captions": (
        "data_prep.flowers102_captions.builder",
        "Flowers102Captions",
    ),
}


def prepared_builder(
    name: str, data_dir: Path, manual_dir: str = ""
) -> tfds.core.DatasetBuilder:
    """Builds a data set unless it is built already.

    Args:
        name: "rendered_flowers" or "flowers102_captions".
        data_dir: where TensorFlow Datasets keeps it.
        manual_dir: folder with the archives, for `flowers102_captions`.

    Raises:
        InputError: an archive is missing, unreadable, or not what was published.
    """
    module, class_name = _BUILDERS[name]
    builder_class = getattr(importlib.import_module(module), class_name)
    builder = builder_class(data_dir=str(data_dir))
    if name == "flowers102_captions" and not Path(manual_dir or ".missing").is_dir():
        raise InputError(
            f"--manual_dir={manual_dir}: no such folder. "
            f"{builder.MANUAL_DOWNLOAD_INSTRUCTIONS}"
        )
    downloads = tfds.download.DownloadConfig(
        manual_dir=manual_dir or None, try_download_gcs=False
    )
    try:
        builder.download_and_prepare(
            download_config=downloads, download_dir=str(data_dir / "downloads")
        )
    except tfds.download.DownloadError as error:
        raise InputError(
            f"a download failed ({error}); place the file in --manual_dir instead"
        ) from error
    return builder
