import io
import socket
import urllib.error
from pathlib import Path

import pytest
import scipy.io
import tensorflow_datasets as tfds

from data_prep.datasets import prepared_builder
from data_prep.flowers102_captions.captions_archive import read_captions_archive
from foundation.atomic import sha256_of
from foundation.errors import InputError

REAL = Path(__file__).parents[4] / "shared/data/oxford_flowers102"
SKIP = {"image": tfds.decode.SkipDecoding()}


def build(folder, manual_dir):
    return prepared_builder("flowers102_captions", folder / "tfds", str(manual_dir))


def examples(builder, split):
    dataset = builder.as_dataset(split=split, decoders=SKIP)
    found = {e["filename"].decode(): e for e in tfds.as_numpy(dataset)}
    assert len(found) == builder.info.splits[split].num_examples
    return found


@pytest.mark.parametrize(
    ("split", "numbers", "classes"),
    [
        ("train", (1, 3, 5, 6, 9), {3, 4}),
        ("validation", (4, 8), {2}),
        ("test", (2, 7), {1}),
    ],
)
def test_examples_join_images_captions_and_labels(
    tiny_builder, split, numbers, classes
):
    found = examples(tiny_builder, split)
    assert set(found) == {f"image_{i:05d}.jpg" for i in numbers}
    for number in numbers:
        example = found[f"image_{number:05d}.jpg"]
        expected = [
            f"Flower {number}, seen {i} time(s)." for i in range(1 + number % 3)
        ]
        assert [caption.decode() for caption in example["captions"]] == expected
        assert example["label"] + 1 in classes  # labels count from 0, classes from 1
        name = tiny_builder.info.features["label"].int2str(example["label"])
        assert name == f"class_{example['label'] + 1:05d}"
        red = tfds.features.Image().decode_example(example["image"]).numpy()[0, 0, 0]
        assert abs(int(red) - 20 * number) <= 3


def test_metadata_has_the_hash_of_every_archive(archives, tmp_path):
    manual_dir = archives(tmp_path / "manual")
    build(tmp_path, manual_dir)
    again = build(tmp_path, manual_dir)  # as read back from the disk
    names = {"102flowers.tgz", "cvpr2016_flowers.tar.gz", "imagelabels.mat"}
    expected = {name: sha256_of(manual_dir / name) for name in names}
    assert dict(again.info.metadata["sources"]) == expected


def test_nothing_goes_to_the_network(archives, tmp_path, monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    build(tmp_path, archives(tmp_path / "manual"))


def test_a_missing_caption_archive_is_named_with_its_origin(archives, tmp_path):
    manual_dir = archives(tmp_path / "manual")
    (manual_dir / "cvpr2016_flowers.tar.gz").unlink()
    with pytest.raises(InputError) as caught:
        build(tmp_path, manual_dir)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("cvpr2016_flowers.tar.gz", str(manual_dir), "reedscot/cvpr2016"):
        assert part in message


def test_images_that_cannot_be_downloaded_are_asked_for(
    archives, tmp_path, monkeypatch
):
    asked = []

    def offline(self, url):
        asked.append(url)
        raise ConnectionError("no network")

    monkeypatch.setattr(tfds.download.DownloadManager, "download", offline)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: io.BytesIO())
    manual_dir = archives(tmp_path / "manual")
    (manual_dir / "102flowers.tgz").unlink()
    with pytest.raises(InputError, match=r"no 102flowers\.tgz there.*no network"):
        build(tmp_path, manual_dir)
    registered = tfds.builder("oxford_flowers102", data_dir=tmp_path).url_infos
    assert asked == [url for url in registered if url.endswith("102flowers.tgz")]


def test_without_a_network_nothing_is_tried_again(archives, tmp_path, monkeypatch):
    asked = []

    def offline(request, timeout):
        asked.append(request.full_url)
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    manual_dir = archives(tmp_path / "manual")
    (manual_dir / "imagelabels.mat").unlink()
    with pytest.raises(InputError, match=r"no imagelabels\.mat there.*not known"):
        build(tmp_path, manual_dir)
    assert len(asked) == 1


def test_downloads_are_held_to_the_hashes_that_tfds_registers(tiny_builder, tmp_path):
    registered = tfds.builder("oxford_flowers102", data_dir=tmp_path).url_infos
    own = {url: tiny_builder.url_infos[url] for url in tiny_builder.url_infos}
    assert {url.rpartition("/")[2] for url in own} == {
        "102flowers.tgz",
        "imagelabels.mat",
    }
    for url, info in own.items():
        assert (info.checksum, info.size) == (
            registered[url].checksum,
            registered[url].size,
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": (3, 1, 4, 2, 3, 4, 1, 2, 4)}, "image 9 has label 4.* class 3"),
        ({"labels": (3, 1, 4, 2, 3, 4, 1, 2)}, "image 9 has label none"),
        ({"labels": (3, 1, 4, 2, 3, 4, 1, 2, 3, 5)}, "class 5 has images"),
        ({"texts": {"valclasses.txt": b"class_00002\nclass_00007"}}, "class 7 is in a"),
        ({"images": {"jpg/image_00005.jpg": None}}, "1 images .*jpg/image_00005.jpg"),
    ],
    ids=["label", "few labels", "unlisted class", "class without images", "no image"],
)
def test_archives_that_do_not_fit_together_are_refused(
    archives, tmp_path, changes, message
):
    with pytest.raises(InputError, match=message):
        build(tmp_path, archives(tmp_path / "manual", **changes))
    assert not list((tmp_path / "tfds").rglob("dataset_info.json"))


def test_labels_that_are_no_mat_file_are_refused(archives, tmp_path):
    manual_dir = archives(tmp_path / "manual")
    for content in (b"<html>404</html>", b""):
        (manual_dir / "imagelabels.mat").write_bytes(content)
        with pytest.raises(InputError, match=r"imagelabels\.mat: cannot be read"):
            build(tmp_path, manual_dir)
    scipy.io.savemat(manual_dir / "imagelabels.mat", {"setid": [1, 2]})
    with pytest.raises(InputError, match=r"imagelabels\.mat: cannot be read"):
        build(tmp_path, manual_dir)


def test_an_image_without_captions_stays_for_the_reader_to_count(archives, tmp_path):
    texts = {
        "text_c10/class_00003/image_00001.txt": b" \n",
        "text_c10/class_00004/image_00003.txt": None,
    }
    found = examples(
        build(tmp_path, archives(tmp_path / "manual", texts=texts)), "train"
    )
    for number in (1, 3):
        assert not list(found[f"image_{number:05d}.jpg"]["captions"])
    assert len(found["image_00005.jpg"]["captions"]) == 3


def real_archive():
    if not REAL.is_dir():
        pytest.skip("needs ../shared/data/oxford_flowers102 next to the repository")
    return read_captions_archive(REAL / "cvpr2016_flowers.tar.gz")


def test_captions_of_the_real_archive():
    archive = real_archive()
    counts = {}
    for split, classes in archive.splits.items():
        images = [i for i, number in archive.classes.items() if number in classes]
        captions = sum(len(archive.captions[i]) for i in images)
        counts[split] = (len(classes), len(images), captions)
    assert counts == {
        "train": (62, 5878, 32247),
        "validation": (20, 1156, 6406),
        "test": (20, 1155, 3247),
    }


@pytest.mark.slow
def test_the_real_archives_build(tmp_path):
    archive = real_archive()
    builder = build(tmp_path, REAL)
    for split, images in {"train": 5878, "validation": 1156, "test": 1155}.items():
        found = examples(builder, split)
        assert len(found) == images
        assert {e["label"] + 1 for e in found.values()} == archive.splits[split]
        for filename, example in found.items():
            captions = [caption.decode() for caption in example["captions"]]
            assert captions == archive.captions[int(filename[6:11])]
