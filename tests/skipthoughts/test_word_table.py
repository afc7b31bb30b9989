"""A mapped table reads as one in memory, whatever view of it is asked."""

import numpy as np
import pytest

from skipthoughts.word_table import blocks_of, rows_at


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "table.npy"
    np.save(path, np.random.default_rng(0).normal(size=(20, 3)).astype("f4"))
    return path


VIEWS = {
    "whole": lambda table: table,
    "tail": lambda table: table[5:],
    "reversed": lambda table: table[::-1],
    "transposed": lambda table: table.T,
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("mode", [None, "r"])
def test_rows_and_blocks(path, mode, view):
    table = VIEWS[view](np.load(path, mmap_mode=mode))
    expected = VIEWS[view](np.load(path))
    rows = np.array([2, 0, 2, 1])
    np.testing.assert_array_equal(rows_at(table, rows), expected[rows])
    for size in (1, 40, 10_000):
        starts, blocks = zip(*blocks_of(table, size), strict=True)
        np.testing.assert_array_equal(np.concatenate(blocks), expected)
        assert list(starts) == list(np.cumsum([0, *map(len, blocks[:-1])]))


def test_whole_mapped_tables_are_read_through_their_file(path):
    table = np.load(path, mmap_mode="r")
    assert not isinstance(rows_at(table, np.array([1])).base, np.memmap)
    assert all(not isinstance(rows, np.memmap) for _, rows in blocks_of(table, 40))
