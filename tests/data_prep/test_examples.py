import csv
import io
import json

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from data_prep import examples as module
from data_prep.datasets import prepared_builder
from data_prep.examples import (
    example_files,
    read_caption_offsets,
    read_captions,
    write_examples,
)
from data_prep.images import decode
from data_prep.rendered_flowers.attributes import sample_attributes
from data_prep.rendered_flowers.builder import RenderedFlowers, RenderedFlowersConfig
from data_prep.rendered_flowers.renderer import render
from foundation.errors import InputError

TRAIN = {1: 3, 3: 4, 5: 3, 6: 4, 9: 3}  # image -> class


def load(folder, name):
    return np.load(folder / f"{name}.npy", allow_pickle=False)


def test_rows_belong_together(tiny_builder, tmp_path):
    write_examples(tmp_path, tiny_builder, "train", 0.0)
    assert {path.name for path in tmp_path.iterdir()} == set(
        example_files(tiny_builder)
    )
    images, labels = load(tmp_path, "images"), load(tmp_path, "labels")
    offsets, captions = read_caption_offsets(tmp_path), read_captions(tmp_path)
    names = json.loads((tmp_path / "names.json").read_text("utf-8"))
    assert (images.dtype, images.shape) == (np.uint8, (5, 76, 76, 3))
    assert (labels.dtype, offsets.dtype) == (np.int32, np.int64)
    assert {int(name[6:11]) for name in names} == set(TRAIN)
    assert offsets[0] == 0
    assert offsets[-1] == len(captions)
    for i, name in enumerate(names):
        number = int(name[6:11])
        assert labels[i] == TRAIN[number] - 1
        expected = [
            f"Flower {number}, seen {k} time(s)." for k in range(1 + number % 3)
        ]
        assert captions[offsets[i] : offsets[i + 1]] == expected
        file = io.BytesIO()
        color = (20 * number, 100, 250 - 20 * number)
        Image.new("RGB", (90, 60), color).save(file, "JPEG")
        np.testing.assert_array_equal(images[i], decode(file.getvalue()))


def test_attributes_of_drawn_flowers_are_kept_in_order(tmp_path):
    config = RenderedFlowersConfig(name="tiny", images_per_class=1)
    builder = RenderedFlowers(config=config, data_dir=tmp_path / "tfds")
    builder.download_and_prepare()
    assert "attributes.json" in example_files(builder)
    write_examples(tmp_path, builder, "validation", 0.0)
    attributes = json.loads((tmp_path / "attributes.json").read_text("utf-8"))
    names = json.loads((tmp_path / "names.json").read_text("utf-8"))
    images = load(tmp_path, "images")
    assert len(attributes) == len(names) == len(images) == 8
    for found, label, image in zip(
        attributes, load(tmp_path, "labels"), images, strict=True
    ):
        drawn = sample_attributes(int(label), 0)
        assert found == vars(drawn)
        np.testing.assert_array_equal(image, render(drawn))


def expected_files(folder, builder, split):
    """The files of a split, computed one example after the other, all in memory."""
    kept, bad = [], [("file", "reason")]
    dataset = builder.as_dataset(
        split=split,
        decoders={"image": tfds.decode.SkipDecoding()},
        read_config=tfds.ReadConfig(interleave_cycle_length=1),
    )
    for example in tfds.as_numpy(dataset):
        name = example["filename"].decode()
        captions = [c.decode() for c in example["captions"] if c.strip()]
        try:
            if not captions:
                raise ValueError("has no captions")
            image = decode(example["image"])
        except ValueError as error:
            bad.append((name, str(error)))
        else:
            kept.append((image, example["label"], captions, name))
    images, labels, captions, names = zip(*kept, strict=True)
    np.save(folder / "images.npy", np.stack(images))
    np.save(folder / "labels.npy", np.array(labels, np.int32))
    offsets = np.cumsum([0, *map(len, captions)], dtype=np.int64)
    np.save(folder / "caption_offsets.npy", offsets)
    texts = [caption for image in captions for caption in image]
    (folder / "captions.json").write_text(json.dumps(texts, indent=0))
    (folder / "names.json").write_text(json.dumps(names, indent=0))
    with open(folder / "bad_files.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(bad)


@pytest.mark.parametrize("batch", [2, 32])  # smaller and larger than a split
@pytest.mark.parametrize("name", ["tiny_builder", "bad_builder"])
def test_the_files_are_those_of_a_plain_loop(
    request, tmp_path, monkeypatch, read_tree, name, batch
):
    monkeypatch.setattr(module, "_BATCH", batch)
    builder = request.getfixturevalue(name)
    for folder in ("expected", "found"):
        (tmp_path / folder).mkdir()
    expected_files(tmp_path / "expected", builder, "train")
    write_examples(tmp_path / "found", builder, "train", 0.6)
    assert read_tree(tmp_path / "found") == read_tree(tmp_path / "expected")


def test_images_are_on_disk_before_all_are_decoded(tiny_builder, tmp_path, monkeypatch):
    sizes = []

    def decode_all(contents):
        for _ in contents:
            sizes.append(sum(path.stat().st_size for path in tmp_path.iterdir()))
            yield np.zeros((76, 76, 3), np.uint8)

    monkeypatch.setattr(module, "decode_all", decode_all)
    write_examples(tmp_path, tiny_builder, "train", 0.0)
    image = 76 * 76 * 3
    assert [size // image for size in sizes] == [0, 1, 2, 3, 4]


def test_two_readings_give_the_same_bytes(tiny_builder, tmp_path, read_tree):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_examples(tmp_path / name, tiny_builder, "train", 0.0)
    assert read_tree(tmp_path / "first") == read_tree(tmp_path / "second")


@pytest.fixture
def bad_builder(archives, tmp_path):
    """Five training images: one is cut, one is a web page, one has no captions."""
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "JPEG")
    manual_dir = archives(
        tmp_path / "manual",
        images={
            "jpg/image_00001.jpg": file.getvalue()[:-300],
            "jpg/image_00006.jpg": b"<html>404</html>",
        },
        texts={"text_c10/class_00003/image_00009.txt": b"\n"},
    )
    return prepared_builder("flowers102_captions", tmp_path / "tfds", str(manual_dir))


def bad_rows(folder):
    with open(folder / "bad_files.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["file", "reason"]
    return dict(rows)


def test_bad_images_are_listed_and_refused(bad_builder, tmp_path):
    for tolerated in (0.0, 0.5):
        with pytest.raises(
            InputError, match=r"3 of 5 .*bad_files\.csv.*fraction=0\.6$"
        ):
            write_examples(tmp_path, bad_builder, "train", tolerated)
        assert not (tmp_path / "images.npy").exists()
        reasons = bad_rows(tmp_path)
        assert reasons.pop("image_00001.jpg").startswith("cannot be decoded")
        assert reasons == {
            "image_00006.jpg": "cannot be decoded (not an image)",
            "image_00009.jpg": "has no captions",
        }


def test_tolerated_bad_images_are_left_out_with_their_captions(bad_builder, tmp_path):
    write_examples(tmp_path, bad_builder, "train", 0.6)
    assert len(bad_rows(tmp_path)) == 3
    names = json.loads((tmp_path / "names.json").read_text("utf-8"))
    assert set(names) == {"image_00003.jpg", "image_00005.jpg"}
    assert len(load(tmp_path, "images")) == len(load(tmp_path, "labels")) == 2
    assert len(read_captions(tmp_path)) == read_caption_offsets(tmp_path)[-1] == 1 + 3


def test_a_split_without_any_good_image_is_refused(archives, tmp_path):
    images = {f"jpg/image_{i:05d}.jpg": b"" for i in (4, 8)}
    manual_dir = archives(tmp_path / "manual", images=images)
    builder = prepared_builder(
        "flowers102_captions", tmp_path / "tfds", str(manual_dir)
    )
    with pytest.raises(InputError, match=r"validation: 2 of 2 .* at least one"):
        write_examples(tmp_path, builder, "validation", 1.0)
