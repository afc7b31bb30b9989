"""`evaluate.py` as a user calls it."""

import json
import shutil

import pytest

from foundation.atomic import sha256_of
from text_to_image.generation.export import export


@pytest.mark.slow
def test_evaluate_prints_every_part_of_its_protocol(call, mistake, trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    output = call("evaluate.py", "colors", f"--workdir={run}", "--num_images=6")
    for part in ("tiny test", "step 3", "seed 0", "chance 0.125", "real images"):
        assert part in output
    record = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert record["metric"] == "color_agreement"
    assert record["generated"]["n"] == 6
    assert "note:" not in output and record["split_is"] == "of unseen classes"
    flags = [f"--workdir={run}", "--num_images=6", "--split=train"]
    flags += ["--noema", f"--checkpoint={run}/checkpoints/ckpt-2"]
    output = call("evaluate.py", "colors", *flags)
    assert output.count("note: --split=train: the run was trained on these") == 1
    record = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert (record["split"], record["split_is"]) == ("train", "trained on")
    assert (record["step"], record["ema_decay"]) == (2, 0.0)
    assert "colors" in mistake("evaluate.py", "beauty", f"--workdir={run}")


@pytest.mark.slow
def test_evaluate_draws_figures_and_measures_nothing(call, trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    metrics = (run / "metrics.jsonl").read_text()
    output = call("evaluate.py", "figures", f"--workdir={run}", "--seed=2")
    names = {path.name for path in (run / "figures").iterdir()}
    assert {"zero_shot.png", "figures.json"} < names
    assert all(f"wrote {run / 'figures' / name}" in output for name in names)
    assert "left out: style_transfer.png" in output
    assert json.loads((run / "figures/figures.json").read_text())["seed"] == 2
    assert (run / "metrics.jsonl").read_text() == metrics


@pytest.mark.slow
def test_scores_are_printed_and_appended_alike(
    call, mistake, trained, cache_copy, tmp_path
):
    import keras

    images = keras.Input((None, None, 3))
    means = keras.layers.GlobalAveragePooling2D()(images)
    keras.Model(images, means).save(tmp_path / "means.keras")
    run = shutil.copytree(trained, tmp_path / "run")
    flags = ["scores", f"--workdir={run}", f"--cache_dir={cache_copy}"]
    network = f"--feature_model={tmp_path / 'means.keras'}"
    outputs = [call("evaluate.py", *flags, network, "--seed=4") for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert "left out: inception_score" in outputs[0]
    lines = (run / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    kids = [record for record in records if record.get("metric") == "kid_means"]
    assert len(kids) == 2 and kids[0] == kids[1]
    [line] = [x for x in outputs[0].splitlines() if x.startswith("kid_means ")]
    for name in ("feature_network", "feature_sha256", "resizing", "num_generated"):
        assert f"{name} {kids[0][name]}" in line
    for part in ("num_real 12", "split test", "seed 4", "step 3", "image_size 64"):
        assert part in line
    line = mistake("evaluate.py", *flags, "--feature_model=missing.keras")
    assert "missing.keras: no such file" in line


@pytest.mark.slow
def test_released_model_is_measured_and_left_alone(
    call, mistake, model, tiny_cache, tmp_path
):
    export(model, tmp_path / "released")
    before = sha256_of(tmp_path / "released/model.json")
    flags = [f"--workdir={tmp_path}/released", f"--cache_dir={tiny_cache}"]
    output = call("evaluate.py", "colors", *flags, "--num_images=6")
    assert "tiny test captions, step 3" in output and "appended" not in output
    left = sorted(path.name for path in (tmp_path / "released").iterdir())
    assert left == ["encoder", "model.json", "weights.npz"]
    assert sha256_of(tmp_path / "released/model.json") == before
    line = mistake("evaluate.py", "figures", *flags)
    assert "expected a run, where it draws" in line


@pytest.mark.slow
def test_classifier_needs_a_cache_only(call, mistake, tiny_cache, tmp_path):
    path = tmp_path / "classifier.keras"
    flags = ["classifier", f"--cache_dir={tiny_cache}", f"--output={path}"]
    output = call("evaluate.py", *flags, "--seed=2")
    for part in (str(path), "3 training classes of tiny", "chance 33.3%", "seed 2"):
        assert part in output
    assert path.is_file()
    line = mistake("evaluate.py", *flags, "--workdir=x")
    assert "workdir" in line
    assert "cache_dir" in mistake("evaluate.py", "classifier")
    line = mistake("evaluate.py", "style")
    assert "style --workdir=: expected a run" in line
