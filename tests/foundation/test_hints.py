"""Commands that are printed can be pasted, in any shell and from any folder."""

import ast
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import hints
from foundation.errors import InputError

ROOT = Path(__file__).parents[2]
HARD = [
    "Ünï code & dir's",
    'a "b" c',
    "$HOME `id` $(id)",
    "a;b|c<d>e",
    "*?[x]",
    "two  s",
]
WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=0, max_size=20
)


def split_as_windows(line):
    """Splits as CommandLineToArgvW does, by its documented rules."""
    words, word, quoted, i = [], None, False, 0
    while i < len(line):
        backslashes = 0
        while i < len(line) and line[i] == "\\":
            backslashes, i = backslashes + 1, i + 1
        if i < len(line) and line[i] == '"':
            word = (word or "") + "\\" * (backslashes // 2)
            if backslashes % 2:
                word += '"'
            else:
                quoted = not quoted
            i += 1
            continue
        if backslashes:
            word = (word or "") + "\\" * backslashes
        if i < len(line):
            if line[i] in " \t" and not quoted:
                if word is not None:
                    words.append(word)
                word = None
            else:
                word = (word or "") + line[i]
            i += 1
    return words if word is None else [*words, word]


@given(st.lists(WORDS, min_size=1))
def test_posix_shells_read_the_words(words):
    assert shlex.split(hints.quoted(words)) == words


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize("word", HARD)
def test_a_real_shell_reads_the_words(word):
    line = hints.quoted([sys.executable, "-c", "import sys; print(sys.argv[1])", word])
    shown = subprocess.run(["sh", "-c", line], capture_output=True, encoding="utf-8")
    assert shown.stdout == word + "\n"


@given(st.lists(st.text("ab \t\"\\&|<>^()$'é=", max_size=12), min_size=1))
def test_programs_on_windows_receive_the_words_of_cmd(words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hints, "_is_posix", lambda: False)
        patch.setenv("PSMODULEPATH", r"C:\Windows\Modules")
        line = hints.quoted(words)
    assert split_as_windows(line) == words


@pytest.mark.parametrize("word", ["a&b", "a|b", "<a>", "a^b", "(a)", "a b"])
def test_what_cmd_would_act_on_is_in_quotation_marks(monkeypatch, word):
    monkeypatch.setattr(hints, "_is_posix", lambda: False)
    monkeypatch.delenv("PSMODULEPATH", raising=False)
    assert hints.quoted([word]) == f'"{word}"'


def test_powershell_expands_nothing(monkeypatch):
    monkeypatch.setattr(hints, "_is_posix", lambda: False)
    monkeypatch.setenv("PSMODULEPATH", r"C:\Users\x\Documents\Modules;C:\a;C:\b")
    assert hints.quoted(["a", "$HOME it's"]) == "a '$HOME it''s'"
    assert hints.quoted(["C:\\a b\\python.exe", "-m"]) == "& 'C:\\a b\\python.exe' -m"
    assert hints.removal("a b") == "Remove-Item -Recurse 'a b'"


@pytest.mark.parametrize("program", ["train.py", "generate.py", "evaluate.py"])
@pytest.mark.parametrize("folder", ["root", "elsewhere"])
def test_a_verb_starts_when_its_line_is_pasted(tmp_path, monkeypatch, program, folder):
    monkeypatch.chdir(ROOT if folder == "root" else tmp_path)
    python, script, flag = shlex.split(hints.command(program, "--seed=1"))
    assert Path(script).samefile(ROOT / program)
    assert flag == "--seed=1"
    version = subprocess.run([python, "--version"], capture_output=True, text=True)
    assert version.stdout.split()[1] == sys.version.split()[0]


def test_a_wheel_names_the_console_script(tmp_path, monkeypatch):
    monkeypatch.setattr(hints, "_ROOT", tmp_path)
    assert shlex.split(hints.command("train.py"))[0].endswith("t2i-train")
    assert hints.flagfile("quickstart") == []


def test_flagfiles_are_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (flag,) = hints.flagfile("quickstart")
    assert Path(flag.removeprefix("--flagfile=")).is_file()
    monkeypatch.chdir(ROOT)
    assert hints.flagfile("quickstart") == ["--flagfile=configs/quickstart.cfg"]


def _no_cache(path):
    from text_to_image.data.cache import Cache

    Cache(path)


def _no_run(path):
    from text_to_image.runs.directory import RunDirectory

    RunDirectory(path).read_description()


def _no_encoder(path):
    from skipthoughts import SkipThoughtEncoder

    SkipThoughtEncoder.load(path)


def _no_style_encoder(path):
    from text_to_image.style.directory import StyleEncoderDirectory

    StyleEncoderDirectory(path).load(None)


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("fails", [_no_cache, _no_run, _no_encoder, _no_style_encoder])
def test_an_error_ends_in_a_line_that_can_be_pasted(fails, name):
    with pytest.raises(InputError) as error:
        fails(name)
    line = str(error.value)
    start = line.index(hints.command("train.py").split()[0])
    words = shlex.split(line[start:])
    assert any(word.partition("=")[2] == name for word in words), line


def test_no_command_is_written_by_hand():
    """Outside docstrings, `hints` makes every command."""
    starts = ("python -m ", "python train", "python generate", "python evaluate")
    for package in ("skipthoughts", "data_prep", "text_to_image"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            kept = set()
            for node in ast.walk(tree):
                docstring = isinstance(node, ast.Expr)
                docstring = docstring and isinstance(node.value, ast.Constant)
                if docstring:
                    kept |= {id(inner) for inner in ast.walk(node)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    if id(node) in kept or path.name == "__main__.py":
                        continue
                    text = node.value
                    assert not any(start in text for start in starts), (path, text)
