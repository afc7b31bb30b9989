"""The data sets by name, built by TensorFlow Datasets."""

import importlib
from pathlib import Path

import tensorflow_datasets as tfds

from foundation.atomic import sha256_of
from foundation.errors import InputError

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
        InputError: an archive is missing, unreadable, or not the one that the data set
            in `data_dir` was built from.
    """
    module, class_name = _BUILDERS[name]
    builder_class = getattr(importlib.import_module(module), class_name)
    builder = builder_class(data_dir=str(data_dir))
    if builder.info.initialized:
        _check_sources(builder, Path(manual_dir))
        return builder
    if name == "flowers102_captions" and not (manual_dir and Path(manual_dir).is_dir()):
        raise InputError(
            f"--manual_dir={manual_dir}: no such folder. "
            f"{builder.MANUAL_DOWNLOAD_INSTRUCTIONS}"
        )
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(
            manual_dir=manual_dir or None, try_download_gcs=False
        ),
        download_dir=str(data_dir / "downloads"),
    )
    return builder


def _check_sources(builder: tfds.core.DatasetBuilder, manual_dir: Path) -> None:
    """Compares the archives that are there now with those that were read then."""
    for name, sha256 in (builder.info.metadata or {}).get("sources", {}).items():
        path = manual_dir / name
        if path.is_file() and sha256_of(path) != sha256:
            raise InputError(
                f"{path}: is not the file that {builder.data_path} was built from, "
                f"whose sha256 is {sha256}; choose another --data_dir, or remove that "
                "folder to build it again"
            )
