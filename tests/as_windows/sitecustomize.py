"""Makes a Python process on Linux behave as on Windows, as far as files go.

On PYTHONPATH it is imported when the interpreter starts. What Windows refuses is
refused here: modules that it lacks, opening a folder, and replacing, moving or removing
what is open or mapped in this process.
"""

import builtins
import importlib.abc
import os
import shutil
import sys
import tempfile
import types
from pathlib import Path

LACKING = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"}


class _Lacking(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in LACKING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _in_use():
    """Returns the paths of files that this process has open or mapped."""
    paths = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            paths.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:
            continue  # that of listdir itself
    with _real_open("/proc/self/maps") as maps:
        for line in maps:
            fields = line.rstrip("\n").split(maxsplit=5)
            if len(fields) == 6 and "r" in fields[1]:
                paths.add(fields[5])
    return paths


def _refuse_if_in_use(path):
    real = os.path.realpath(path)
    for used in _in_use():
        if used == real or used.startswith(real + os.sep):
            raise PermissionError(13, "The process cannot access the file", str(path))


def _moving(function):
    def guarded(source, target, **options):
        _refuse_if_in_use(source)
        _refuse_if_in_use(target)
        if function is _rename and os.path.lexists(target):
            raise FileExistsError(17, "File exists already", str(target))
        if function is _replace and os.path.isdir(target):
            raise PermissionError(13, "Access is denied", str(target))
        return function(source, target, **options)

    return guarded


def _removing(function):
    def guarded(path, **options):
        _refuse_if_in_use(path)
        return function(path, **options)

    return guarded


def _open_no_folder(path, flags, *arguments, **options):
    if not isinstance(path, int) and os.path.isdir(path):
        raise PermissionError(13, "Permission denied", str(path))
    return _os_open(path, flags, *arguments, **options)


def _fsync(descriptor):
    with _real_open(f"/proc/self/fdinfo/{descriptor}") as file:
        flags = int(next(line.split()[1] for line in file if line[:5] == "flags"), 8)
    if flags & 3 == os.O_RDONLY:
        raise OSError(9, "Bad file descriptor")
    return _real_fsync(descriptor)


def _open_with_crlf(file, mode="r", buffering=-1, encoding=None, *rest, **options):
    # Text is in the code page unless an encoding is named, and lines end in \r\n.
    frame = sys._getframe(1)
    ours = "site-packages" not in frame.f_code.co_filename and not any(
        part in frame.f_code.co_filename for part in ("/lib/python3", "<frozen")
    )
    if ours and "b" not in mode:
        encoding = encoding or "cp1252"
        if not rest and "newline" not in options and mode[0] in "wxa":
            options["newline"] = "\r\n"
    return _real_open(file, mode, buffering, encoding, *rest, **options)


def _write_text(self, data, encoding=None, errors=None, newline=None):
    with _real_open(
        self, "w", -1, encoding or "cp1252", errors, newline or "\r\n"
    ) as file:
        return file.write(data)


_real_open, _os_open, _real_fsync = builtins.open, os.open, os.fsync
_rename, _replace = os.rename, os.replace

# Nor can it swap two names.
sys.modules["foundation.exchange"] = types.ModuleType("foundation.exchange")
sys.modules["foundation.exchange"].exchange = lambda first, second: False
sys.meta_path.insert(0, _Lacking())
for _name in LACKING & sys.modules.keys():
    del sys.modules[_name]
os.open, os.fsync = _open_no_folder, _fsync
os.rename, os.replace = _moving(_rename), _moving(_replace)
os.remove = os.unlink = _removing(os.unlink)
os.rmdir = _removing(os.rmdir)
shutil._use_fd_functions = False  # rmtree by names, as there
tempfile.TemporaryFile = tempfile.NamedTemporaryFile  # as there
builtins.open = _open_with_crlf
Path.write_text = _write_text
for _name in ("pread", "fork", "getuid", "geteuid", "sched_getaffinity"):
    delattr(os, _name)
