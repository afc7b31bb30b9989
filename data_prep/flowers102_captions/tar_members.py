"""Reads chosen members of a tar archive in memory: nothing is ever extracted."""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from foundation.boundary import open_regular, refusing
from foundation.errors import InputError

_MAX_MEMBERS = 100_000  # of any kind; real archives have about 8,300


def tar_members(
    path: Path, pattern: re.Pattern[str], max_bytes: int
) -> Iterator[tuple[re.Match[str], bytes]]:
    """Streams the members whose whole name matches; others are passed over.

    A name is never used as a path, so `../` in it is without effect.

    Args:
        path: the archive, compressed or not.
        pattern: of the names.
        max_bytes: of one member.

    Yields:
        The match of a member's name, and its content.

    Raises:
        InputError: the archive is damaged or has too many members, or a member that
            matches is not a regular file of at most `max_bytes`.
    """
    with (
        refusing(lambda reason: _unreadable(path, reason)),
        open_regular(path) as stream,
        tarfile.open(fileobj=stream, mode="r|*") as archive,
    ):
        for count, member in enumerate(archive):
            if count == _MAX_MEMBERS:
                raise InputError(
                    f"{path}: more than {_MAX_MEMBERS:,} members; expected 8,300"
                )
            match = pattern.fullmatch(member.name.removeprefix("./"))
            if not match:
                continue
            file = archive.extractfile(member) if member.isreg() else None
            if file is None or member.size > max_bytes:
                raise InputError(
                    f"{path}: {member.name} has type {member.type!r} and "
                    f"{member.size:,} bytes; expected a regular file of at most "
                    f"{max_bytes:,}"
                )
            yield match, file.read()


def _unreadable(path: Path, reason: str) -> InputError:
    return InputError(
        f"{path}: not a readable archive ({reason}); expected the complete file"
    )
