"""The TensorFlow Datasets builder of `flowers102_captions`."""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds
from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError

from data_prep.flowers102_captions.captions_archive import (
    FILE_NAME,
    CaptionsArchive,
    read_captions_archive,
)
from data_prep.flowers102_captions.tar_members import tar_members
from foundation.atomic import sha256_of
from foundation.boundary import MEBIBYTE, load_bytes, parse_json, reading
from foundation.errors import InputError

_URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/"
_IMAGE = re.compile(r"jpg/image_(\d{5})\.jpg")
_PRINT_LABELS = (
    "import io, json, sys, scipy.io; "
    "content = io.BytesIO(sys.stdin.buffer.read()); "
    "print(json.dumps(scipy.io.loadmat(content)['labels'].ravel().tolist()))"
)
_PATIENCE = 15  # seconds
_MAX_BYTES = 64 << 20  # of one image; the largest original has about 125 kB
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

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[str, dict[str, Any]]]]:
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
        labels = _read_labels(labels_path)
        _check_labels(captions, labels, labels_path)
        return {
            split: self._generate_examples(
                images_path,
                captions.captions,
                {i: label for i, label in labels.items() if label in classes},
            )
            for split, classes in captions.splits.items()
        }

    def _generate_examples(
        self, images_path: Path, captions: dict[int, list[str]], labels: dict[int, int]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields (filename, example) for the images that `labels` names."""
        missing = set(labels)
        for match, content in tar_members(images_path, _IMAGE, _MAX_BYTES):
            number = int(match[1])
            if number not in missing:  # of another split
                continue
            missing.discard(number)
            filename = f"image_{number:05d}.jpg"
            yield (
                filename,
                {
                    "image": content,
                    # None at all is for the reader to judge: it counts bad files.
                    "captions": captions.get(number, []),
                    "label": labels[number] - 1,
                    "filename": filename,
                },
            )
        if missing:
            raise InputError(
                f"{images_path}: {len(missing)} images are missing, the first "
                f"jpg/image_{min(missing):05d}.jpg; expected one for each label"
            )


def _local_or_downloaded(dl_manager: tfds.download.DownloadManager, name: str) -> Path:
    path = Path(dl_manager.manual_dir) / name
    if path.is_file():
        return path
    try:
        _ask_for(_URL + name)
        return Path(dl_manager.download(_URL + name))
    except (tfds.download.DownloadError, NonMatchingChecksumError, OSError) as error:
        raise InputError(
            f"--manual_dir={dl_manager.manual_dir}: no {name} there, and the download "
            f"failed ({error}). Place the file there yourself; it is at {_URL + name}"
        ) from error


def _ask_for(url: str) -> None:
    """Asks a server for a file, without its content: TFDS tries for minutes.

    Raises:
        OSError: no server answers.
    """
    request = urllib.request.Request(url, method="HEAD")
    # Any answer will do; what TFDS makes of it is another matter.
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=_PATIENCE).close()


def _read_labels(path: Path) -> dict[int, int]:
    """Returns image number -> class, both from 1."""
    with reading(path, "Oxford's imagelabels.mat"):
        content = load_bytes(path, MEBIBYTE)
        # In a process of its own: a damaged file may end the one that SciPy reads in.
        child = [sys.executable, "-c", _PRINT_LABELS]
        told = subprocess.run(child, input=content, capture_output=True, timeout=60)
        if told.returncode:
            lines = told.stderr.decode(errors="replace").strip().splitlines()
            raise ValueError(lines[-1] if lines else f"code {told.returncode}")
        labels = parse_json(told.stdout.decode(), list)
        return {image: int(label) for image, label in enumerate(labels, start=1)}


def _check_labels(
    captions: CaptionsArchive, labels: dict[int, int], path: Path
) -> None:
    """Compares folders and class lists of the captions with Oxford's labels."""
    for image, number in captions.classes.items():
        if labels.get(image) != number:
            raise InputError(
                f"{path}: image {image} has label {labels.get(image, 'none')}, but its "
                f"captions are in class {number}; expected archives of one data set"
            )
    listed = frozenset().union(*captions.splits.values())
    unlike = listed ^ set(labels.values())
    if unlike:
        where = "has images but is in no" if min(unlike) not in listed else "is in a"
        raise InputError(
            f"{path}: class {min(unlike)} {where} class list of the captions; expected "
            "the classes of the labels to be those of the three lists"
        )
