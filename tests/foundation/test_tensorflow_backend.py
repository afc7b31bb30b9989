"""Under another backend of Keras, one line says what to set."""

import json
import os
import subprocess
import sys

import pytest

NEED_TENSORFLOW = [
    "from text_to_image import TextToImage",
    "from skipthoughts import SkipThoughtEncoder",
    "import text_to_image.gan",
    "import text_to_image.training.loop",
    "import text_to_image.runs.released",
    "import skipthoughts.training.skip_thoughts",
]


def run(statement, **environment):
    base = {k: v for k, v in os.environ.items() if not k.startswith("KERAS_")}
    return subprocess.run(
        [sys.executable, "-c", statement],
        env={**base, **environment},
        capture_output=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("statement", NEED_TENSORFLOW)
def test_another_backend_is_refused_in_one_line(statement):
    result = run(statement, KERAS_BACKEND="jax")  # which is not installed
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: Keras's backend is 'jax'"), result.stderr
    assert 'os.environ["KERAS_BACKEND"] = "tensorflow"' in last
    assert "During handling" not in result.stderr


def test_the_file_that_chose_it_is_named(tmp_path):
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "torch"}))
    result = run(NEED_TENSORFLOW[0], KERAS_HOME=str(tmp_path))
    assert str(tmp_path / "keras.json") in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"backend": "tensorflow"}'])
def test_a_file_that_chooses_nothing_else_is_no_obstacle(tmp_path, content):
    (tmp_path / "keras.json").write_text(content)
    code = (
        "from foundation import tensorflow_backend as b; print(b.chosen_backend()[0])"
    )
    assert run(code, KERAS_HOME=str(tmp_path)).stdout == "tensorflow\n"


def test_the_configuration_needs_no_backend():
    result = run("from text_to_image import Config; Config()", KERAS_BACKEND="jax")
    assert result.returncode == 0, result.stderr
