"""Files and directories are whole or not there, wherever a process is killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from foundation import atomic
from foundation.errors import InputError

ROOT = Path(__file__).parents[2]

# Ends the process as a kill would, at the n-th system call that changes a name.
KILLED = """
import os, sys
from foundation import atomic, exchange

path, work, left, swaps = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
if swaps == "no":
    atomic.exchange = lambda first, second: False

def dying(function):
    def call(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os._exit(9)
        result = function(*arguments, **options)
        left -= 1
        if left == 0:
            os._exit(9)
        return result
    return call

for name in ("rename", "replace", "unlink", "rmdir", "mkdir", "chmod"):
    setattr(os, name, dying(getattr(os, name)))
atomic.exchange = dying(atomic.exchange)

if work == "file":
    atomic.write_text(path, "new")
elif work == "directory":
    with atomic.new_directory(path) as incomplete:
        (incomplete / "a").write_text("new")
        (incomplete / "b").write_text("new")
"""


def content(path):
    if path.is_dir():
        return {inner.name: inner.read_text() for inner in path.iterdir()}
    return path.read_text()


def write(path, work, text):
    if work == "file":
        atomic.write_text(path, text)
        return
    with atomic.new_directory(path) as incomplete:
        (incomplete / "a").write_text(text)
        (incomplete / "b").write_text(text)


@pytest.mark.parametrize("swaps", ["yes", "no"])
@pytest.mark.parametrize("work", ["file", "directory"])
def test_a_kill_leaves_the_old_or_the_new(work, swaps, tmp_path):
    path = tmp_path / "made"
    for point in range(1, 60):
        write(path, work, "old")
        old = content(path)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(path), work, str(point), swaps],
            cwd=ROOT,
            timeout=60,
        )
        if swaps == "yes" or work == "file":
            assert path.exists(), point
        if path.exists():
            new = {"a": "new", "b": "new"} if work == "directory" else "new"
            assert content(path) in (old, new), point
        write(path, work, "next")
        assert set(texts(content(path))) == {"next"}
        atomic.remove_unfinished(tmp_path)
        assert [inner.name for inner in tmp_path.iterdir()] == ["made"], point
        if done.returncode == 0:
            break
    assert done.returncode == 0 and point > 4


def texts(found):
    return found.values() if isinstance(found, dict) else [found]


def test_what_was_aside_at_a_kill_comes_back(tmp_path):
    path = tmp_path / "made"
    write(path, "directory", "old")
    os.rename(path, tmp_path / "incomplete.made.replaced")
    with (
        pytest.raises(RuntimeError),
        atomic.new_directory(path),
    ):
        raise RuntimeError
    assert content(path) == {"a": "old", "b": "old"}


def test_a_failing_block_changes_nothing(tmp_path):
    path = tmp_path / "made"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic.new_file(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert content(path) == "old" and len(list(tmp_path.iterdir())) == 1


def test_a_link_stays_one(tmp_path):
    (tmp_path / "data").mkdir()
    real, link = tmp_path / "data/real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    atomic.write_text(link, "new")
    assert link.is_symlink() and real.read_text() == "new"
    folder, there = tmp_path / "folder", tmp_path / "data/there"
    write(there, "directory", "old")
    folder.symlink_to(there)
    write(folder, "directory", "new")
    assert folder.is_symlink() and content(there) == {"a": "new", "b": "new"}


@pytest.mark.skipif(os.name != "posix", reason="has no devices in folders")
def test_what_is_no_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull), tmp_path):
        for write_to in (atomic.write_text, atomic.append_text):
            with pytest.raises(InputError, match="expected a file"):
                write_to(path, "x")
    assert pipe.is_fifo() and [p.name for p in tmp_path.iterdir()] == ["pipe"]
    (tmp_path / "file").write_text("old")
    with (
        pytest.raises(InputError, match="expected a directory"),
        atomic.new_directory(tmp_path / "file"),
    ):
        pass
    assert (tmp_path / "file").read_text() == "old"


def test_errors_name_the_file(tmp_path):
    below = tmp_path / "file/out.npy"
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"out\.npy"):
        atomic.write_text(below, "x")
    with (
        pytest.raises(OSError, match=r"whole\.txt"),
        atomic.new_file(tmp_path / "whole.txt"),
    ):
        raise OSError(28, "No space left on device")


def test_two_at_once_are_refused(tmp_path):
    path = tmp_path / "made"
    with (
        atomic.new_directory(path),
        pytest.raises(InputError, match=f"process {os.getpid()} is writing it"),
        atomic.new_directory(path),
    ):
        pass
    assert path.is_dir()


def test_lines_are_appended_whole(tmp_path):
    path = tmp_path / "lines"
    atomic.append_text(path, "a\n")
    path.write_text("a\nhal")
    atomic.append_text(path, "b\n")
    assert path.read_text() == "a\nhal\nb\n"
