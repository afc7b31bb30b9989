"""The TensorFlow Datasets builder of `flowers102_captions`."""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scipy.io
import tensorflow_datasets as tfds

from data_prep.flowers102_captions.captions_archive import (
    FILE_NAME,
    CaptionsArchive,
    read_captions_archive,
)
from skipthoughts.atomic import sha256_of
from skipthoughts.errors import InputError

_URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/"
_IMAGE = re.compile(r"jpg/image_(\d{5})\.jpg")
_MAX_BYTES = 64 << 20  # of one image; the largest original has 125 kB
_DESCRIPTION = """
The 8,189 photographs of Oxford Flowers-102 with the captions that Reed et al. collected
(one to ten an image). Training, validation and test share no class: the split is that
of the caption archive's class lists, not that of setid.mat, which is by image.
"""
_CITATION = """
@inproceedings{nilsback2008flowers,
  title = {Automated Flower Classification over a Large Number of Classes},
  author = {Nilsback, Maria-Elena and Zisserman, Andrew},
  booktitle = {Indian Conference on Computer Vision, Graphics and Image Processing},
  year = {2008}
}
@inproceedings{reed2016learning,
  title = {Learning Deep Representations of Fine-Grained Visual Descriptions},
  author = {Reed, Scott and Akata, Zeynep and Lee, Honglak and Schiele, Bernt},
  booktitle = {CVPR},
  year = {2016}
}
"""


class Flowers102Captions(tfds.core.GeneratorBasedBuilder):
    """Oxford Flowers-102 with captions; splits `train`, `validation`, `test` by class.

    `manual_dir` holds `cvpr2016_flowers.tar.gz` and, unless they are to be downloaded,
    `102flowers.tgz` and `imagelabels.mat`. `setid.mat`, a split by image, is not used.
    """

    name = "flowers102_captions"
    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        f"Place {FILE_NAME} in manual_dir. It is the caption archive of 'Learning Deep "
        "Representations of Fine-Grained Visual Descriptions' (Reed et al. 2016); the "
        "README of its repository, reedscot/cvpr2016, links to it."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        names = [f"class_{number:05d}" for number in range(1, 103)]
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(None, None, 3)),
                    "captions": tfds.features.Sequence(tfds.features.Text()),
                    "label": tfds.features.ClassLabel(names=names),
                    "filename": tfds.features.Text(),
                }
            ),
            supervised_keys=None,
            homepage=_URL,
            citation=_CITATION,
            metadata=tfds.core.MetadataDict(sources={}),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        manual_dir = Path(dl_manager.manual_dir)
        archive_path = manual_dir / FILE_NAME
        if not archive_path.is_file():
            raise InputError(
                f"--manual_dir={manual_dir}: no {FILE_NAME} there. "
                f"{self.MANUAL_DOWNLOAD_INSTRUCTIONS}"
            )
        images_path = _local_or_downloaded(dl_manager, "102flowers.tgz")
        labels_path = _local_or_downloaded(dl_manager, "imagelabels.mat")
        for path in (archive_path, images_path, labels_path):
            self.info.metadata["sources"][path.name] = sha256_of(path)
        captions = read_captions_archive(archive_path)
        _check_labels(captions, labels_path)
        return {
            split: self._generate_examples(images_path, captions, classes)
            for split, classes in captions.splits.items()
        }

    def _generate_examples(
        self, images_path: Path, captions: CaptionsArchive, classes: frozenset[int]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields (filename, example) for the images of some classes."""
        wanted = {i for i, number in captions.classes.items() if number in classes}
        for number, content in _image_members(images_path, wanted):
            wanted.discard(number)
            filename = f"image_{number:05d}.jpg"
            yield (
                filename,
                {
                    "image": content,
                    "captions": captions.captions[number],
                    "label": captions.classes[number] - 1,
                    "filename": filename,
                },
            )
        if wanted:
            raise InputError(
                f"{images_path}: no jpg/image_{min(wanted):05d}.jpg, which has "
                f"captions ({len(wanted)} such); expected all 8,189 images"
            )


def _local_or_downloaded(dl_manager: tfds.download.DownloadManager, name: str) -> Path:
    path = Path(dl_manager.manual_dir) / name
    return path if path.is_file() else Path(dl_manager.download(_URL + name))


def _image_members(path: Path, wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    """Streams the wanted images of the archive; nothing is extracted."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                match = _IMAGE.fullmatch(member.name.removeprefix("./"))
                if not match or int(match[1]) not in wanted:
                    continue
                if not member.isreg() or member.size > _MAX_BYTES:
                    raise InputError(
                        f"{path}: {member.name} is not a file of at most "
                        f"{_MAX_BYTES:,} bytes, as expected"
                    )
                yield int(match[1]), archive.extractfile(member).read()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise InputError(f"{path}: not a readable archive ({error})") from error


def _check_labels(captions: CaptionsArchive, labels_path: Path) -> None:
    """Compares the class folders of the captions with Oxford's labels (from 1)."""
    labels = scipy.io.loadmat(labels_path)["labels"].ravel()
    for image, number in captions.classes.items():
        if not 1 <= image <= len(labels) or labels[image - 1] != number:
            seen = labels[image - 1] if 1 <= image <= len(labels) else "none"
            raise InputError(
                f"{labels_path}: image {image} has label {seen}, but its captions are "
                f"in class {number}; expected archives of the same data set"
            )
