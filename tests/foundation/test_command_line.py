"""Arguments arrive as typed and output never fails, whatever the locale."""

import locale
import os
import subprocess
import sys

import pytest

from foundation.command_line import _as_typed

ECHO = """
import sys
from absl import app
from foundation.command_line import run
def main(argv):
    print(ascii(argv[1:]))
    print(argv[1])
if __name__ == "__main__":
    run(main)
"""
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def echo(tmp_path, argument, **environment):
    script = tmp_path / "echo.py"
    script.write_text(ECHO, "utf-8")
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    return subprocess.run(
        [sys.executable, str(script), argument],
        env={**os.environ, "PYTHONPATH": root, **environment},
        capture_output=True,
    )


@pytest.mark.skipif(os.name != "posix", reason="Windows hands over Unicode")
@pytest.mark.parametrize(
    "environment",
    [C_LOCALE, {**C_LOCALE, "PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C.UTF-8"}],
)
def test_a_caption_arrives_as_typed(tmp_path, environment):
    result = echo(tmp_path, "a rosé flöwer 🌸", **environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout.decode().splitlines()[0] == ascii(["a rosé flöwer 🌸"])


@pytest.mark.skipif(os.name != "posix", reason="Windows hands over Unicode")
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8:strict"])
def test_a_console_that_lacks_a_character_shows_its_code(tmp_path, encoding):
    result = echo(tmp_path, "🌸", PYTHONIOENCODING=encoding, LC_ALL="C.UTF-8")
    assert result.returncode == 0, result.stderr
    shown = result.stdout.decode().splitlines()[1]
    assert shown == ("🌸" if encoding.startswith("utf") else r"\U0001f338")


def test_bytes_of_the_locale_are_read_in_its_encoding(monkeypatch):
    monkeypatch.setattr(locale, "getencoding", lambda: "iso8859-1")
    typed = os.fsdecode("a rosé flower".encode("latin-1"))
    assert _as_typed(typed) == "a rosé flower"
    assert _as_typed("a rosé flower") == "a rosé flower"


def test_bytes_of_no_encoding_are_one_line(tmp_path):
    result = echo(tmp_path, b"a\xff", LC_ALL="C.UTF-8")
    assert result.returncode == 1
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith(r"error: 'a\udcff': neither UTF-8 nor")
