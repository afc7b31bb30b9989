from pathlib import Path

import pytest

from data_prep.datasets import prepared_builder
from foundation.errors import InputError

NAME = "flowers102_captions"


def test_what_is_built_is_not_built_again(archives, tmp_path):
    manual_dir = archives(tmp_path / "manual")
    first = prepared_builder(NAME, tmp_path / "tfds", str(manual_dir))
    info = Path(first.data_path) / "dataset_info.json"
    written = info.stat().st_mtime_ns
    for folder in (str(manual_dir), ""):  # nor are the archives needed again
        again = prepared_builder(NAME, tmp_path / "tfds", folder)
        assert again.info.splits["train"].num_examples == 5
        assert info.stat().st_mtime_ns == written


def test_another_archive_than_the_built_one_is_refused(archives, tmp_path):
    manual_dir = archives(tmp_path / "manual")
    prepared_builder(NAME, tmp_path / "tfds", str(manual_dir))
    captions = manual_dir / "cvpr2016_flowers.tar.gz"
    unchanged = captions.read_bytes()
    archives(manual_dir, images={"jpg/image_00001.jpg": b"other"})
    captions.write_bytes(unchanged)  # gzip notes the time
    with pytest.raises(InputError, match=r"102flowers\.tgz: is not the file that"):
        prepared_builder(NAME, tmp_path / "tfds", str(manual_dir))


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_without_a_folder_the_message_says_what_to_place_there(tmp_path, folder):
    manual_dir = folder and str(tmp_path / folder)
    with pytest.raises(InputError, match=r"no such folder\. Place cvpr2016_flowers"):
        prepared_builder(NAME, tmp_path / "tfds", manual_dir)


def test_a_killed_build_leaves_nothing_that_counts_as_built(
    archives, tmp_path, monkeypatch
):
    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    module = "data_prep.flowers102_captions.builder"
    manual_dir = archives(tmp_path / "manual")
    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.tar_members", killed)
        with pytest.raises(KeyboardInterrupt):
            prepared_builder(NAME, tmp_path / "tfds", str(manual_dir))
    builder = prepared_builder(NAME, tmp_path / "tfds", str(manual_dir))
    assert builder.info.splits["train"].num_examples == 5
