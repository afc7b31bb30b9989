"""Settings that the user's other work needs change nothing here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KERAS_JSON = {
    "backend": "torch",
    "floatx": "float16",
    "epsilon": 0.1,
    "image_data_format": "channels_first",
}
CAPTION = "a rosé flöwer with pink petals"


def hostile(folder):
    folder.mkdir()
    (folder / "keras.json").write_text(json.dumps(KERAS_JSON))
    return {
        "KERAS_HOME": str(folder),
        "KERAS_BACKEND": "torch",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }


def call(environment, *arguments):
    result = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result


def images(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".png", ".json")
        and path.name not in ("config.json", "style_encoder.json")
    }


def metrics(run):
    lines = (run / "metrics.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert any("loss/d" in record for record in records)
    assert {"color_agreement", "dz"} <= {record.get("metric") for record in records}
    return [
        {name: record[name] for name in record if not name.startswith("perf/")}
        for record in records
    ]


def released_images(environment, folder):
    seeds, outdir = "--seeds=0-7", f"--outdir={folder}"
    call(environment, "generate.py", f"--caption={CAPTION}", seeds, outdir)
    return images(folder)


@pytest.mark.slow
def test_the_released_model_gives_the_same_files(tmp_path):
    environment = hostile(tmp_path / "keras")
    expected = released_images({}, tmp_path / "plain")
    assert len(expected) == 10
    assert json.loads(expected["captions.json"])[0]["caption"] == CAPTION
    assert released_images(environment, tmp_path / "hostile") == expected


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["reed", "dcgan"])
def test_training_gives_the_same_images_and_scores(replaced, tmp_path, architecture):
    environment = hostile(tmp_path / "keras")
    config = replaced(architecture=architecture, decay_epochs=0)
    flagfile = tmp_path / "tiny.cfg"
    flagfile.write_text(config.to_flagfile(), "utf-8")
    for name, settings in (("plain", {}), ("hostile", environment)):
        run = f"--workdir={tmp_path / name}"
        call(settings, "train.py", f"--flagfile={flagfile}", run)
        call(settings, "train.py", "style", run, "--steps=2")
        call(settings, "evaluate.py", "colors", run, "--num_images=6")
        call(settings, "evaluate.py", "scores", run, "--num_images=12")
        pictures = f"--outdir={tmp_path / name / 'pictures'}"
        call(settings, "generate.py", run, "--caption=a red flower", pictures)
    assert images(tmp_path / "hostile") == images(tmp_path / "plain")
    assert metrics(tmp_path / "hostile") == metrics(tmp_path / "plain")


@pytest.mark.slow
def test_training_an_encoder_gives_the_same_weights(tmp_path):
    environment = hostile(tmp_path / "keras")
    captions = tmp_path / "captions.txt"
    colors = ("red", "blue", "white")
    captions.write_text("\n\n".join(f"a {c} flower\n{c} petals" for c in colors))
    ids = []
    for name, settings in (("plain", {}), ("hostile", environment)):
        output = tmp_path / name
        call(
            settings, "-m", "skipthoughts", "train", f"--captions={captions}",
            f"--output={output}", "--dim=8", "--word_dim=4", "--steps=3",
        )  # fmt: skip
        ids.append(json.loads((output / "config.json").read_text("utf-8"))["id"])
    assert ids[0] == ids[1]
