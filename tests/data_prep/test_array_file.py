import resource

import numpy as np
import pytest

from data_prep.array_file import new_array


def saved(path, array):
    np.save(path, array)
    return path.read_bytes()


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32"])
@pytest.mark.parametrize("count", [0, 1, 7, 12_345])
def test_the_file_is_that_of_save(tmp_path, dtype, count):
    rows = np.random.default_rng(count).integers(0, 255, (count, 3, 2)).astype(dtype)
    with new_array(tmp_path / "rows.npy", dtype, (3, 2)) as array:
        for start in range(0, count, 1000):
            array.append(rows[start : start + 1000])
    assert (tmp_path / "rows.npy").read_bytes() == saved(tmp_path / "all.npy", rows)
    loaded = np.load(tmp_path / "rows.npy", mmap_mode="r", allow_pickle=False)
    np.testing.assert_array_equal(loaded, rows)


def test_rows_that_are_not_contiguous_are_written_in_order(tmp_path):
    rows = np.arange(12, dtype=np.float32).reshape(3, 4).T
    with new_array(tmp_path / "rows.npy", "float32", (3,)) as array:
        array.append(rows)
    np.testing.assert_array_equal(np.load(tmp_path / "rows.npy"), rows)


@pytest.mark.parametrize("rows", [np.zeros((2, 4), np.float32), np.zeros((2, 3))])
def test_rows_of_another_kind_are_refused(tmp_path, rows):
    with (
        pytest.raises(ValueError, match=r"expected float32 \[3\]"),
        new_array(tmp_path / "rows.npy", "float32", (3,)) as array,
    ):
        array.append(rows)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_full_is_an_error_and_leaves_the_old_file(tmp_path):
    before = saved(tmp_path / "rows.npy", np.ones(3))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with (
            pytest.raises(OSError, match="File too large"),
            new_array(tmp_path / "rows.npy", "uint8", (1 << 16,)) as array,
        ):
            for _ in range(32):
                array.append(np.zeros((1, 1 << 16), np.uint8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.npy"]
    assert (tmp_path / "rows.npy").read_bytes() == before
