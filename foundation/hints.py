"""Commands to print: as this user, in this shell and this folder, can paste them."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]  # holds the verbs in a clone, not in a wheel
_SCRIPTS = {
    "train.py": "t2i-train",
    "generate.py": "t2i-generate",
    "evaluate.py": "t2i-evaluate",
}
_CMD_SPECIAL = set(" \t\"&|<>^%()!;,='`")


def command(program: str, *arguments: str | os.PathLike[str]) -> str:
    """Returns a line for the shell that runs a program of this project.

    Args:
        program: a verb, as "train.py"; a module, as "-m data_prep"; or a program that
            is installed with this one, as "tensorboard".
        arguments: as the program receives them, not quoted.
    """
    return quoted([*_program(program), *(os.fspath(word) for word in arguments)])


def flagfile(name: str) -> list[str]:
    """Returns the flag that takes `configs/NAME.cfg`; none where there is no such file.

    A wheel has no configs; the defaults of the flags are the paper's.
    """
    path = _ROOT / "configs" / f"{name}.cfg"
    return [f"--flagfile={_nearest(path)}"] if path.is_file() else []


def quoted(words: list[str]) -> str:
    """Returns words as one line of the shell at hand: POSIX, cmd.exe or PowerShell."""
    if _is_posix():
        return shlex.join(words)
    if _is_powershell():
        line = " ".join(map(_powershell_word, words))
        return f"& {line}" if line.startswith("'") else line
    return " ".join(map(_cmd_word, words))


def removal(directory: str | os.PathLike[str]) -> str:
    """Returns a line for the shell that removes a directory with all that is in it."""
    if _is_posix():
        return quoted(["rm", "-r", os.fspath(directory)])
    remove = ["Remove-Item", "-Recurse"] if _is_powershell() else ["rmdir", "/s", "/q"]
    return quoted([*remove, os.fspath(directory)])


def _is_posix() -> bool:
    return os.name != "nt"


def _is_powershell() -> bool:
    # It puts folders of its user before those that Windows gives everybody.
    return os.environ.get("PSMODULEPATH", "").count(";") >= 2


def _program(program: str) -> list[str]:
    if program.startswith("-m "):
        return [_python(), *program.split()]
    if program in _SCRIPTS:
        if (_ROOT / program).is_file():
            return [_python(), _nearest(_ROOT / program)]
        program = _SCRIPTS[program]
    beside = Path(sys.executable).parent
    found = shutil.which(program)
    if found and Path(found).parent == beside:
        return [program]
    own = shutil.which(program, path=str(beside))
    return [_nearest(Path(own)) if own else program]


def _python() -> str:
    """Returns the shortest name of the interpreter that runs."""
    for name in ("python", "python3"):
        found = shutil.which(name)
        # The interpreter of a venv is a link to another, so folders are compared, too.
        if (
            found
            and os.path.samefile(found, sys.executable)
            and Path(found).parent == Path(sys.executable).parent
        ):
            return name
    return _nearest(Path(sys.executable))


def _nearest(path: Path) -> str:
    """Returns a path from the working directory, if it is below that."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _powershell_word(word: str) -> str:
    if word and all(c.isalnum() or c in "-_./\\:=+" for c in word):
        return word
    # Windows PowerShell hands quotation marks on without escaping them.
    return "'" + word.replace("'", "''").replace('"', '\\"') + "'"


def _cmd_word(word: str) -> str:
    if word and not _CMD_SPECIAL - set("=,") & set(word):
        return word
    line = subprocess.list2cmdline([word])
    if line.startswith('"'):
        return line
    at_end = len(line) - len(line.rstrip("\\"))  # doubled before a quotation mark
    return f'"{line}{line[len(line) - at_end :]}"'
