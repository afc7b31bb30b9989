"""The verbs in processes that behave as Windows does, as far as files go."""

import importlib.util
import ntpath
import os
import re
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

ROOT = Path(__file__).parents[1]
AS_WINDOWS = ROOT / "tests" / "as_windows"
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads /proc to know what is open"
)


def start(*arguments):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{AS_WINDOWS}{os.pathsep}{ROOT}",
            "PYTHONIOENCODING": "cp1252",  # of a console
        },
        capture_output=True,
        encoding="cp1252",
    )


def call(*arguments):
    result = start(*arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def is_reserved(name):
    if sys.version_info >= (3, 13):
        return ntpath.isreserved(name)
    return PureWindowsPath(name).is_reserved()


def assert_fit_for_windows(folder):
    """Names are legal there, and lines of text end as everywhere."""
    for path in folder.rglob("*"):
        assert not re.search(r'[<>:"|?*\\\x00-\x1f]|[. ]$', path.name), path
        assert not is_reserved(path.name), path
        if path.suffix in (".json", ".jsonl", ".txt", ".cfg", ".csv"):
            assert b"\r" not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("import fcntl", "ModuleNotFoundError"),
        ("import os; os.open('.', os.O_RDONLY)", "PermissionError"),
        ("import os; f = open('a', 'w'); os.rename('a', 'b')", "PermissionError"),
        ("import os; f = open('a', 'w'); os.replace('a', 'b')", "PermissionError"),
        ("import os; f = open('a', 'w'); os.remove('a')", "PermissionError"),
        (
            "import os, numpy as np; np.save('a.npy', np.ones(3));"
            "a = np.load('a.npy', mmap_mode='r'); os.replace('a.npy','b')",
            "PermissionError",
        ),
        (
            "import os, shutil; os.mkdir('d'); f = open('d/a','w'); shutil.rmtree('d')",
            "PermissionError",
        ),
        (
            "import os; os.mkdir('d'); f = open('d/a', 'w'); os.rename('d', 'e')",
            "PermissionError",
        ),
    ],
)
def test_what_windows_refuses_is_refused(tmp_path, statement, error):
    result = subprocess.run(
        [sys.executable, "-c", statement],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(AS_WINDOWS)},
        capture_output=True,
        text=True,
    )
    assert result.stderr.strip().splitlines()[-1].startswith(error), result.stderr


@pytest.mark.slow
def test_data_prep(tmp_path):
    path = ROOT / "tests" / "data_prep" / "conftest.py"
    spec = importlib.util.spec_from_file_location("tiny_archives", path)
    archives = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(archives)
    manual, cache = archives.write_archives(tmp_path / "manual"), tmp_path / "cache"
    command = ["-m", "data_prep", "--dataset=flowers102_captions"]
    command += [f"--manual_dir={manual}", f"--cache_dir={cache}"]
    encoder = ("--encoder_kind=uni", "--encoder_dim=8", "--encoder_word_dim=6")
    call(*command, *encoder, "--encoder_steps=4", f"--captions_dir={tmp_path / 'text'}")
    # The encoder that is read is part of what is replaced.
    call(*command, f"--encoder={cache / 'encoder'}", "--overwrite")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cache",
        "manual",
        "text",
        "tfds",
    ]
    assert_fit_for_windows(cache)
    assert_fit_for_windows(tmp_path / "text")


@pytest.mark.slow
def test_training_resume_generation_evaluation_and_export(tiny_config, tmp_path):
    run, pictures = tmp_path / "run", tmp_path / "pictures"
    flagfile = tmp_path / "tiny.cfg"
    flagfile.write_text(tiny_config.to_flagfile(), "utf-8")
    train = ("train.py", f"--flagfile={flagfile}", f"--workdir={run}")
    call(*train, "--steps=3", "--keep_checkpoints=1")
    call(*train, "--steps=8", "--keep_checkpoints=1")
    assert len(list((run / "checkpoints").glob("ckpt-*.index"))) == 1
    call("train.py", "style", f"--workdir={run}", "--steps=2")
    hard = '--caption=a "red": flower? <b>|*\\ caf\u00e9'
    shown = call(
        "generate.py", f"--workdir={run}", hard, "--caption=CON", "--seeds=0-1",
        f"--outdir={pictures}",
    )  # fmt: skip
    assert "4 images" in shown
    call("evaluate.py", "colors", f"--workdir={run}", "--num_images=6")
    call("evaluate.py", "scores", f"--workdir={run}", "--num_images=12")
    released = tmp_path / "released"
    call("generate.py", "export", f"--workdir={run}", f"--output={released}")
    call("generate.py", f"--workdir={released}", "--caption=a red flower",
         f"--outdir={pictures}")  # fmt: skip
    assert_fit_for_windows(tmp_path)


@pytest.mark.slow
def test_encoders(tmp_path):
    captions, encoder = tmp_path / "captions.txt", tmp_path / "encoder"
    colors = ("red", "blue", "white")
    captions.write_text("\n\n".join(f"a {c} flower\n{c} petals" for c in colors))
    sentences = tmp_path / "sentences.txt"
    sentences.write_text("a red flower\nblue petals\n")
    vectors = tmp_path / "vectors.txt"
    words = ("red", "blue", "flower", "petals", "a", "crimson", "azure", "rosé")
    lines = (f"{word} {i} {i * i} 1\n" for i, word in enumerate(words))
    vectors.write_text("".join(lines), "utf-8")
    module = ("-m", "skipthoughts")
    small = ("--dim=8", "--word_dim=3", "--steps=2", "--kind=uni")
    call(*module, "train", f"--captions={captions}", f"--output={encoder}", *small)
    call(
        *module, "expand", f"--encoder={encoder}", f"--word_vectors={vectors}",
        f"--output={tmp_path / 'more'}", "--ridge=1",
    )  # fmt: skip
    call(
        *module, "encode", f"--encoder={encoder}", f"--input={sentences}",
        f"--output={tmp_path / 'vectors.npy'}",
    )  # fmt: skip
    assert_fit_for_windows(tmp_path / "more")


def test_text_is_written_by_functions_that_name_its_encoding():
    """No `Path.write_text`, which ends lines in another way there, and no bare open."""
    for package in ("foundation", "skipthoughts", "data_prep", "text_to_image"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text("utf-8")
            assert ".write_text(" not in text, path
            assert not re.search(r"\.read_text\(\)", text), path
            for call_ in re.findall(r"\bopen\([^)]*\"[wa]\"[^)]*\)", text):
                assert "newline=" in call_ and "encoding=" in call_, (path, call_)
