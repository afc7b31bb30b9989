"""A tiny Oxford Flowers-102 in its original file formats, and a fake encoder."""

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image

# Image i has class LABELS[i - 1]; the split of a class is in CLASS_LISTS.
LABELS = (3, 1, 4, 2, 3, 4, 1, 2, 3)
CLASS_LISTS = {
    "train": b"class_00003\nclass_00004\n",
    "val": b"class_00002\n",
    "test": b"class_00001\r\n",
}


def jpeg(number: int) -> bytes:
    """A plain image whose color tells its number."""
    file = io.BytesIO()
    Image.new("RGB", (90, 60), (20 * number, 100, 250 - 20 * number)).save(file, "JPEG")
    return file.getvalue()


def captions_of(number: int) -> list[str]:
    """One to three captions, in the manner of the original ones."""
    return [f"Flower {number}, seen {i} time(s)." for i in range(1 + number % 3)]


def write_tar(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    """Writes a .tar.gz of files (bytes) and of anything else (TarInfo)."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                content.name = name
                archive.addfile(content)
            else:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return path


def write_archives(folder: Path, images=(), texts=(), labels=LABELS) -> Path:
    """Writes the three files; `images` and `texts` replace members or, None, drop."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(1, len(LABELS) + 1)
    pictures = {f"jpg/image_{i:05d}.jpg": jpeg(i) for i in numbers}
    captions = {f"{split}classes.txt": text for split, text in CLASS_LISTS.items()}
    for i in numbers:
        name = f"text_c10/class_{LABELS[i - 1]:05d}/image_{i:05d}.txt"
        captions[name] = "".join(f"{line}\n" for line in captions_of(i)).encode()
    for members, changes in ((pictures, images), (captions, texts)):
        members.update(changes)
        for name in [name for name, content in members.items() if content is None]:
            del members[name]
    write_tar(folder / "102flowers.tgz", pictures)
    rooted = {f"cvpr2016_flowers/{name}": text for name, text in captions.items()}
    write_tar(folder / "cvpr2016_flowers.tar.gz", rooted)
    scipy.io.savemat(folder / "imagelabels.mat", {"labels": np.array([labels])})
    return folder


class FakeEncoder:
    """Unit vectors that depend on nothing but the caption."""

    dim = 6
    id = "fake"

    def encode(self, texts, progress=False):
        rows = [list(hashlib.sha256(text.encode()).digest()[:6]) for text in texts]
        vectors = np.array(rows, np.float32).reshape(-1, 6) - 127.5
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def save(self, directory):
        Path(directory).mkdir(exist_ok=True)
        (Path(directory) / "weights").write_bytes(b"fake weights")


@pytest.fixture
def archives():
    """The function that writes the archives."""
    return write_archives


@pytest.fixture
def tar_of():
    """The function that writes a tar archive."""
    return write_tar


@pytest.fixture(scope="session")
def fake_encoder():
    return FakeEncoder()


@pytest.fixture(scope="session")
def tiny_builder(tmp_path_factory):
    """A prepared builder of the tiny archives."""
    from data_prep.datasets import prepared_builder

    folder = tmp_path_factory.mktemp("flowers")
    manual_dir = write_archives(folder / "manual")
    return prepared_builder("flowers102_captions", folder / "tfds", str(manual_dir))


@pytest.fixture
def read_tree():
    """Returns the function from a directory to its files: path -> content."""
    return lambda root: {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
