import json
import os

import pytest

from data_prep.workspace import Workspace
from foundation.atomic import sha256_of
from foundation.errors import InputError

REQUEST = {"dataset": "tiny", "seed": 0}


class Killed(BaseException):
    """As sudden as a signal for the code that it comes through."""


class Writer:
    """Fills a workspace in four steps and is killed in one of them."""

    def __init__(self, final, killed_at=None):
        self.final, self.killed_at = final, killed_at
        self.made = []

    def run(self, request=REQUEST):
        with Workspace(self.final, request) as workspace:
            self.path = workspace.path
            workspace.piece(["a/one.txt", "a/two.txt"], self.make_files)
            workspace.piece(["b"], self.make_directory)
            workspace.piece(["c.txt"], self.make_last)
            self.step("finish")
            workspace.finish({"schema": 1})

    def step(self, name):
        if self.killed_at == name:
            raise Killed
        self.made.append(name)

    def make_files(self):
        (self.path / "a/one.txt").write_text("one")
        self.step("files")
        (self.path / "a/two.txt").write_text("two")

    def make_directory(self):
        (self.path / "incomplete.b").mkdir()
        (self.path / "incomplete.b/x").write_text("half")
        self.step("directory")
        (self.path / "incomplete.b/x").unlink()
        (self.path / "incomplete.b").rmdir()
        (self.path / "b").mkdir()
        (self.path / "b/x").write_text("whole")
        (self.path / "b/y").write_text("why")

    def make_last(self):
        (self.path / "c.txt").write_text("c")
        self.step("last")


STEPS = ["files", "directory", "last", "finish"]


@pytest.mark.parametrize("killed_at", STEPS)
def test_a_killed_call_goes_on_and_ends_with_the_same_bytes(
    tmp_path, read_tree, killed_at
):
    Writer(tmp_path / "whole").run()
    with pytest.raises(Killed):
        Writer(tmp_path / "cut", killed_at).run()
    assert not (tmp_path / "cut").exists()
    again = Writer(tmp_path / "cut")
    again.run()
    assert again.made == STEPS[STEPS.index(killed_at) :]
    assert read_tree(tmp_path / "cut") == read_tree(tmp_path / "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "cut"}


@pytest.mark.parametrize("function", ["os.rename", "exchange"])
def test_a_kill_while_moving_into_place_loses_nothing(tmp_path, monkeypatch, function):
    if function == "exchange":  # of a cache that is there
        (tmp_path / "cut").mkdir()

    def killed(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"foundation.atomic.{function}", killed)
        with pytest.raises(Killed):
            Writer(tmp_path / "cut").run()
    again = Writer(tmp_path / "cut")
    again.run()
    assert again.made == ["finish"]
    assert (tmp_path / "cut/manifest.json").is_file()


def test_manifest_has_the_hash_and_size_of_every_other_file(tmp_path):
    Writer(tmp_path / "final").run()
    manifest = json.loads((tmp_path / "final/manifest.json").read_text())
    assert manifest["schema"] == 1
    assert manifest["request"] == REQUEST
    names = {"a/one.txt", "a/two.txt", "b/x", "b/y", "c.txt"}
    assert set(manifest["files"]) == names
    for name, entry in manifest["files"].items():
        path = tmp_path / "final" / name
        assert entry == {"sha256": sha256_of(path), "size": path.stat().st_size}


def killed_before_the_end(tmp_path):
    writer = Writer(tmp_path / "cut", "finish")
    with pytest.raises(Killed):
        writer.run()
    return writer.path


def test_a_piece_damaged_in_the_meantime_is_made_again(tmp_path, read_tree):
    Writer(tmp_path / "whole").run()
    path = killed_before_the_end(tmp_path)
    (path / "a/two.txt").write_text("TWO")  # the same size
    Writer(tmp_path / "cut").run()
    assert read_tree(tmp_path / "cut") == read_tree(tmp_path / "whole")


def test_pieces_of_another_request_are_thrown_away(tmp_path):
    killed_before_the_end(tmp_path)
    again = Writer(tmp_path / "cut")
    again.run({"dataset": "tiny", "seed": 1})
    assert again.made == STEPS


def test_a_directory_that_is_there_is_replaced_whole(tmp_path):
    (tmp_path / "final").mkdir()
    (tmp_path / "final/old.txt").write_text("old")
    Writer(tmp_path / "final").run()
    assert not (tmp_path / "final/old.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["final"]


def test_a_second_process_is_kept_out(tmp_path):
    with (
        Workspace(tmp_path / "final", REQUEST),
        pytest.raises(InputError, match=str(os.getpid())),
    ):
        Workspace(tmp_path / "final", REQUEST)
    Writer(tmp_path / "final").run()
