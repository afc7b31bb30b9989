import io
import re
import tarfile

import pytest

from data_prep.flowers102_captions import tar_members as module
from data_prep.flowers102_captions.tar_members import tar_members
from foundation.errors import InputError

NAME = re.compile(r"(?:.*/)?(\d)\.txt")


def special(kind, target="/etc/passwd"):
    member = tarfile.TarInfo()
    member.type, member.linkname = kind, target
    return member


def test_only_members_of_matching_names_are_read(tmp_path, tar_of):
    path = tar_of(
        tmp_path / "a.tgz",
        {"./d/1.txt": b"one", "2.txt.bak": b"no", "3.txt": b"three", "._3.txt": b"no"},
    )
    assert [(m[1], content) for m, content in tar_members(path, NAME, 99)] == [
        ("1", b"one"),
        ("3", b"three"),
    ]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_refused(tmp_path, tar_of, kind):
    path = tar_of(tmp_path / "a.tgz", {"1.txt": special(kind)})
    with pytest.raises(InputError, match=r"1\.txt has type .*regular file"):
        list(tar_members(path, NAME, 99))


def test_names_that_lead_outside_write_nothing(tmp_path, tar_of):
    inside = tmp_path / "deep/inside"
    inside.mkdir(parents=True)
    hostile = {"../../1.txt": b"x", f"{tmp_path}/2.txt": b"y", "../3": b"z"}
    path = tar_of(inside / "a.tgz", hostile)
    assert [content for _, content in tar_members(path, NAME, 99)] == [b"x", b"y"]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_a_member_that_is_too_large_is_refused_unread(tmp_path):
    # Compressed a thousandfold: its header is all that may be looked at.
    member = tarfile.TarInfo("1.txt")
    member.size = 10_000_000
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    with pytest.raises(InputError, match=r"10,000,000 bytes; .* at most 99"):
        list(tar_members(tmp_path / "a.tgz", NAME, 99))


def test_too_many_members_are_refused(tmp_path, tar_of, monkeypatch):
    monkeypatch.setattr(module, "_MAX_MEMBERS", 4)
    members = {f"other{i}": b"" for i in range(4)}
    assert not list(tar_members(tar_of(tmp_path / "4.tgz", members), NAME, 99))
    members["1.txt"] = b""
    with pytest.raises(InputError, match="more than 4 members"):
        list(tar_members(tar_of(tmp_path / "5.tgz", members), NAME, 99))


def test_damaged_archives_are_refused(tmp_path, tar_of):
    whole = tar_of(tmp_path / "a.tgz", {"1.txt": bytes(range(256)) * 40}).read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"<html>404</html>"):
        (tmp_path / "bad.tgz").write_bytes(content)
        with pytest.raises(InputError, match=r"bad\.tgz: not a readable archive"):
            list(tar_members(tmp_path / "bad.tgz", NAME, 99999))
