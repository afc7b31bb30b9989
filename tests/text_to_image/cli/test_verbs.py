"""The verbs as a user calls them: pictures, and one line for each mistake."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[3]


def call(*arguments, code=0):
    result = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout if code == 0 else result.stderr


def mistake(*arguments):
    lines = [
        line
        for line in call(*arguments, code=1).splitlines()
        if line.startswith(("error:", "FATAL"))
    ]
    assert len(lines) == 1
    return lines[0]


@pytest.mark.slow
def test_generate_writes_pictures_and_stays_in_its_directory(trained, tmp_path):
    outdir = tmp_path / "out"
    output = call(
        "generate.py",
        f"--workdir={trained}",
        "--caption=../../a red <b>flower</b>",
        "--caption=petals are blue",
        "--seeds=0-1,5",
        f"--outdir={outdir}",
    )
    assert f"grid: {outdir / 'grid.png'}" in output
    records = json.loads((outdir / "captions.json").read_text())
    assert [record["seed"] for record in records] == [0, 1, 5] * 2
    names = {record["file"] for record in records}
    assert names | {"grid.png", "captions.json"} == {p.name for p in outdir.iterdir()}
    assert "000_a-red-b-flower-b_seed0005.png" in names
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    with Image.open(outdir / "001_petals-are-blue_seed0000.png") as image:
        assert (image.size, image.mode) == ((64, 64), "RGB")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--caption= "], ["--caption=' '", "empty"]),
        (["--caption=a", "--seeds=5-2"], ["--seeds=5-2", "--seeds=2-5"]),
        (["--caption=a", "--seeds=0..7"], ["0-7 or 0,2,5"]),
        ([], ["no caption"]),
        (["--captions_file=missing.txt"], ["missing.txt", "one caption a line"]),
    ],
)
def test_generate_mistakes(trained, arguments, parts):
    line = mistake("generate.py", f"--workdir={trained}", *arguments)
    assert all(part in line for part in parts), line


@pytest.mark.slow
def test_train_mistakes(tmp_path):
    line = mistake("train.py", f"--workdir={tmp_path}/x", "--cache_dir=nowhere")
    assert "python -m data_prep" in line
    assert not (tmp_path / "x").exists()
    line = mistake("train.py", "--workdir=x", "--batchsize=3")
    assert "batch_size" in line  # absl suggests
    assert "--help" in line


@pytest.mark.slow
def test_dry_run_writes_nothing(tiny_cache, tmp_path):
    output = call(
        "train.py",
        "--dry_run",
        f"--cache_dir={tiny_cache}",
        f"--workdir={tmp_path}/x",
        "--batch_size=4",
    )
    assert "--architecture=reed" in output
    assert "parameters of G" in output
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_evaluate_prints_every_part_of_its_protocol(trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    output = call("evaluate.py", "colors", f"--workdir={run}", "--num_images=6")
    for part in ("tiny test", "step 3", "seed 0", "chance 0.125", "real images"):
        assert part in output
    record = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert record["metric"] == "color_agreement"
    assert record["generated"]["n"] == 6
    assert "colors" in mistake("evaluate.py", "beauty", f"--workdir={run}")


@pytest.mark.slow
def test_checkpoint_of_another_architecture_is_one_line(trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    config = (run / "config.json").read_text()
    (run / "config.json").write_text(config.replace('"dcgan"', '"reed"'))
    output = call("generate.py", f"--workdir={run}", "--caption=a", code=1)
    assert output.count("error:") == 1 and "Expected one of the archi" in output
    assert "variables_by_number" not in output  # TensorFlow's hundreds of lines
