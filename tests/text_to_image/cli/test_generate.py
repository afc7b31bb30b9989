"""`generate.py` as a user calls it: images, and one line for each mistake."""

import json
import shutil

import pytest
from PIL import Image


@pytest.mark.slow
def test_generate_writes_pictures_and_stays_in_its_directory(call, trained, tmp_path):
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
        (["--caption=a", "--captions_file=b"], ["both --caption and"]),
        (["--caption=a", "--checkpoint=newest"], ["--checkpoint=newest", "latest"]),
        (["--caption=a", "--checkpoint=best"], ["no best.json", "--checkpoint=latest"]),
        (["beauty"], ["beauty", "images, interpolate, style, export"]),
        (["a red flower"], ["a red flower", "images, interpolate, style, export"]),
    ],
)
def test_generate_mistakes(mistake, trained, arguments, parts):
    line = mistake("generate.py", *arguments, f"--workdir={trained}")
    assert all(part in line for part in parts), line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--caption=a"], ["no end of the path", "--interpolate_seed"]),
        (["--interpolate_caption=b"], ["with 0 captions", "exactly one"]),
        (
            ["--caption=a", "--caption=b", "--interpolate_caption=c"],
            ["with 2 captions", "exactly one"],
        ),
        (["--caption=a", "--interpolate_caption= "], ["' '", "empty"]),
        (["--caption=a", "--interpolate_seed=0"], ["--interpolate_seed=1"]),
        (["--caption=a", "--interpolate_seed=-1"], ["interpolate_seed", "--help"]),
        (
            ["--caption=a", "--interpolate_caption=b", "--steps=1"],
            ["steps", "1", "[2, 64]"],
        ),
        (
            ["--caption=a", "--interpolate_caption=b", "--noise_path=spherical"],
            ["--noise_path=spherical", "--interpolate_seed"],
        ),
        (
            ["--caption=a", "--interpolate_caption=b", "--seeds=0-32"],
            ["33 rows", "at most 32"],
        ),
    ],
)
def test_interpolate_mistakes(mistake, trained, arguments, parts):
    line = mistake("generate.py", "interpolate", f"--workdir={trained}", *arguments)
    assert all(part in line for part in parts), line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["style", "--style_image=a.jpg"], ["no caption"]),
        (["style", "--caption=a"], ["no --style_image"]),
        (["style", "--style_image=a.jpg", "--caption=a", "--seeds=3"], ["seeds"]),
        (
            ["style", "--style_image=missing.jpg", "--caption=a"],
            ["missing.jpg: no such file"],
        ),
        (["export"], ["--output"]),
        (["export", "--output=x", "--caption=a"], ["caption"]),
        (["export", "--output=tests"], ["--output=tests: holds", "would be lost"]),
    ],
)
def test_style_and_export_mistakes(mistake, trained, arguments, parts):
    line = mistake("generate.py", *arguments, f"--workdir={trained}")
    assert all(part in line for part in parts), line


@pytest.mark.slow
def test_flags_of_version_0_1_are_understood(run_command, trained, tmp_path):
    result = run_command("generate.py", f"--workdir={trained}", f"--export={tmp_path}")
    assert "released model of step 3" in result.stdout
    assert result.stderr.startswith(f"note: --export={tmp_path} is now: export --out")


@pytest.mark.slow
def test_generate_exports_what_it_can_use(call, run_command, trained, tmp_path):
    released, pictures = tmp_path / "released", tmp_path / "pictures"
    run = [f"--workdir={trained}", "--checkpoint=2"]
    output = call("generate.py", "export", *run, f"--output={released}")
    assert "released model of step 2, 0.2 MB: " in output
    assert f"python generate.py --workdir={released}" in output
    asked = ["--caption=a red zebra", "--caption=zebra", f"--outdir={pictures}"]
    result = run_command("generate.py", f"--workdir={released}", *asked)
    assert "16 images of step 2: " in result.stdout
    warnings = [x for x in result.stderr.splitlines() if x.startswith("warning:")]
    assert len(warnings) == 2
    assert "unknown words: zebra (2 times)" in warnings[0]
    assert "no word that the encoder knows in 'zebra';" in warnings[1]


@pytest.mark.slow
def test_what_only_a_run_of_ones_own_can_do(mistake):
    line = mistake("generate.py", "export", "--output=x")
    assert "no --workdir: expected the run that is to be released" in line
    line = mistake("generate.py", "style", "--style_image=a.jpg", "--caption=a")
    assert "no --workdir: expected the run that has a style encoder" in line


@pytest.mark.slow
def test_generate_goes_along_both_paths(call, trained, tmp_path):
    output = call(
        "generate.py",
        "interpolate",
        f"--workdir={trained}",
        "--caption=a red flower",
        "--interpolate_caption=petals are blue",
        "--seeds=4",
        "--interpolate_seed=9",
        "--noise_path=spherical",
        "--steps=3",
        f"--outdir={tmp_path}",
    )
    assert "9 images of step 3" in output
    assert f"grid: {tmp_path / 'interpolation.png'}" in output
    assert f"animation: {tmp_path / 'interpolation.gif'}" in output
    steps = {f"noise{i:02d}_step{j:02d}.png" for i in range(3) for j in range(3)}
    written = {"interpolation.png", "interpolation.gif"} | steps
    assert {path.name for path in tmp_path.iterdir()} == written
    with Image.open(tmp_path / "interpolation.gif") as gif:
        assert gif.size == (128, 128)  # the diagonal, an image at a time


@pytest.mark.slow
def test_generate_in_the_style_of_photographs(call, trained, tmp_path):
    from text_to_image.style.config import StyleEncoderConfig
    from text_to_image.style.inversion import train_style_encoder

    run = shutil.copytree(trained, tmp_path / "run")
    train_style_encoder(run, StyleEncoderConfig(steps=1, batch_size=2))
    photo = tmp_path / "a photo.jpg"
    Image.new("RGB", (90, 80), "orange").save(photo)
    output = call(
        "generate.py",
        "style",
        f"--workdir={run}",
        f"--style_image={photo}",
        "--caption=a red flower",
        "--caption=petals are blue",
        f"--outdir={tmp_path / 'out'}",
    )
    assert f"grid: {tmp_path / 'out' / 'style_grid.png'}" in output
    with Image.open(tmp_path / "out" / "style_grid.png") as grid:
        red, green, blue = grid.getpixel((8 + 64, grid.height - 8 - 64))
    assert red > 250 and 160 < green < 170 and blue < 5  # the photograph


@pytest.mark.slow
def test_generate_without_captions(call, mistake, replaced, tmp_path):
    from text_to_image.training.loop import train

    run, outdir = tmp_path / "run", tmp_path / "out"
    train(replaced(conditional=False, objective="gan", steps=1), run)
    call("generate.py", f"--workdir={run}", "--seeds=0-9", f"--outdir={outdir}")
    written = {f"seed{seed:04d}.png" for seed in range(10)} | {"grid.png"}
    assert {path.name for path in outdir.iterdir()} == written
    line = mistake("generate.py", f"--workdir={run}", "--caption=a red flower")
    assert "--noconditional" in line and "--seeds=0-63" in line
    path = [f"--workdir={run}", "--interpolate_seed=8", f"--outdir={outdir}"]
    call("generate.py", "interpolate", *path, "--steps=2")
    assert written < {path.name for path in outdir.iterdir()}
    assert (outdir / "noise_step01.png").read_bytes() == (
        outdir / "seed0008.png"
    ).read_bytes()


@pytest.mark.slow
def test_what_is_said_before_the_locale_is_left_is_said_once(
    run_command, monkeypatch, trained, tmp_path
):
    for name, value in {"LC_ALL": "C", "PYTHONUTF8": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    flags = [f"--workdir={trained}", f"--export={tmp_path}"]
    result = run_command("generate.py", *flags)
    assert result.stderr.count("note: --export") == 1
    # A word of a caption is no call for help.
    flags = [f"--workdir={trained}", "--caption", "help", f"--outdir={tmp_path}/out"]
    assert "8 images of step 3" in run_command("generate.py", *flags).stdout


@pytest.mark.slow
def test_an_unreadable_checkpoint_is_a_warning(run_command, trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    (run / "checkpoints/ckpt-3.data-00000-of-00001").write_bytes(b"")
    flags = [f"--workdir={run}", "--caption=a red flower", f"--outdir={tmp_path}/out"]
    result = run_command("generate.py", *flags)
    assert "images of step 2" in result.stdout
    [line] = result.stderr.splitlines()
    assert line.startswith("warning: ") and "trying the one before" in line


@pytest.mark.slow
def test_checkpoint_of_another_architecture_is_one_line(call, trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    config = (run / "config.json").read_text()
    (run / "config.json").write_text(config.replace('"dcgan"', '"reed"'))
    output = call("generate.py", f"--workdir={run}", "--caption=a", code=1)
    assert output.count("error:") == 1 and "Expected one of the archi" in output
    assert "variables_by_number" not in output  # TensorFlow's hundreds of lines
