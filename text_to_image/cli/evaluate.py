"""`evaluate.py`: measures a run, prints a table, adds lines to metrics.jsonl.

`figures` draws instead, and `train_classifier` makes what scores are measured with;
they add none.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from absl import flags

from foundation import hints
from foundation.command_line import run
from foundation.errors import InputError
from text_to_image.runs.pretrained import pretrained_path

if TYPE_CHECKING:
    from text_to_image.config import Config
    from text_to_image.data.cache import Cache, Split
    from text_to_image.generation.text_to_image import TextToImage
    from text_to_image.runs.directory import RunDirectory
    from text_to_image.style.inversion import StyleReader

_WORKDIR = flags.DEFINE_string(
    "workdir",
    "",
    "Run directory that train.py wrote, for all but train_classifier; of scores and "
    "colors also a released model, by default that of this package.",
)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint",
    "",
    "Of the run: best, latest, a step, or the path of a checkpoint; by default best "
    "where one was kept, otherwise latest.",
)
_EMA = flags.DEFINE_bool(
    "ema", True, "Measure the moving average of G where the run has one, else G itself."
)
_CACHE_DIR = flags.DEFINE_string(
    "cache_dir", "", "Cache with images and captions; empty: that of the run."
)
_SPLIT = flags.DEFINE_enum(
    "split", "test", ["train", "validation", "test"], "Whose captions."
)
_NUM_IMAGES = flags.DEFINE_integer(
    "num_images",
    None,
    "Pictures that are scored: 1000 by scores, 500 by the others.",
    lower_bound=1,
)
_FEATURE_MODEL = flags.DEFINE_string(
    "feature_model",
    "",
    "scores: a Keras model, images 0-255 to features, as PATH.keras, or inception_v3.",
)
_CLASSIFIER = flags.DEFINE_string(
    "classifier",
    "",
    "scores: what the inception score is of, as train_classifier writes it.",
)
_COMPARE = flags.DEFINE_list(
    "compare", [], "style: other runs on the same data set, as runs/Y,runs/Z."
)
_CLUSTERS = flags.DEFINE_integer(
    "clusters", 100, "style: of background colours (Sec. 5.3).", lower_bound=2
)
_OUTPUT = flags.DEFINE_string(
    "output", "classifier.keras", "train_classifier: the file to write."
)
_SEED = flags.DEFINE_integer("seed", 0, "Which captions, which noise.", lower_bound=0)


def main(argv: list[str]) -> None:
    """Measures what the command names."""
    name = " ".join(argv[1:])
    if name == "train_classifier":
        _train_classifier()
    elif name in _COMMANDS:
        _measure(name)
    else:
        raise InputError(
            f"{name or 'no command'}: expected one of: "
            f"{', '.join([*_COMMANDS, 'train_classifier'])}; as "
            + hints.command("evaluate.py", "colors", "--workdir=runs/quickstart")
        )


def _measure(name: str) -> None:
    """Calls a command; of a run, what it returns is appended to metrics.jsonl."""
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.generation.text_to_image import TextToImage
    from text_to_image.runs.directory import RunDirectory
    from text_to_image.runs.open_cache import open_cache
    from text_to_image.runs.released import is_released_model

    path = _WORKDIR.value or pretrained_path()
    released = is_released_model(path)
    if released and name not in ("scores", "colors"):
        raise InputError(
            f"{name} --workdir={_WORKDIR.value}: expected a run, where it draws, as "
            + hints.command("evaluate.py", name, "--workdir=runs/quickstart")
        )
    model = TextToImage.load(path, _CHECKPOINT.value, _EMA.value)
    run_directory = RunDirectory(path)
    cache = open_cache(path, model.description, _CACHE_DIR.value)
    _note_if_trained_on(model.description.config)
    records = _COMMANDS[name](model, cache)
    if released or not records:  # a released model stays as it is
        return
    for record in records:
        run_directory.append_metrics({**_protocol(model, cache), **record})
    print(f"appended to {run_directory.metrics}")


def _protocol(model: "TextToImage", cache: "Cache") -> dict[str, Any]:
    from text_to_image.evaluations.protocol import run_protocol

    return run_protocol(model, cache, _SPLIT.value, _SEED.value)


def _note_if_trained_on(config: "Config") -> None:
    if _SPLIT.value in config.training_splits:
        print(
            f"note: --split={_SPLIT.value}: the run was trained on these classes "
            f"(--train_splits={config.train_splits}), so figures say nothing about "
            "unseen ones; --split=test is of unseen ones"
        )


def _num_images(default: int) -> int:
    return default if _NUM_IMAGES.value is None else _NUM_IMAGES.value


def _train_classifier() -> None:
    if not _CACHE_DIR.value or _WORKDIR.value:
        raise InputError(
            "train_classifier is of a data set, not of a run: expected --cache_dir and "
            "no --workdir, as "
            + hints.command(
                "evaluate.py",
                "train_classifier",
                "--cache_dir=data/flowers102",
                "--output=classifier.keras",
            )
        )
    from text_to_image.data.cache import Cache
    from text_to_image.evaluations.flower_classifier import train_classifier

    cache, output = Cache(_CACHE_DIR.value), _OUTPUT.value
    result = train_classifier(cache, output, _SEED.value)
    print(
        f"{output}: names the right one of {result['classes']} training classes of "
        f"{cache.dataset} for {result['accuracy']:.1%} of {result['held_out']} "
        f"held-out images, chance {result['chance']:.1%}; seed {_SEED.value}, sha256 "
        f"{result['sha256']}"
    )


def _colors(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.colors import format_table, measure_colors

    split = cache.split(_SPLIT.value)
    result = measure_colors(model, split, _num_images(500), _SEED.value)
    title = f"{cache.dataset} {_SPLIT.value} captions, step {model.step}"
    print(format_table(result, f"{title}, seed {_SEED.value}"))
    return [{"metric": "color_agreement", **result}]


def _figures(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.figures import draw_figures

    paths = draw_figures(model, cache, _SPLIT.value, _SEED.value, _WORKDIR.value)
    for path in paths.values():
        print(f"wrote {path}")
    return []


def _scores(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.feature_model import FeatureModel
    from text_to_image.evaluations.score import format_record
    from text_to_image.evaluations.scores import measure_scores

    feature_model = classifier = None
    if _FEATURE_MODEL.value:
        feature_model = FeatureModel.named(_FEATURE_MODEL.value)
    if _CLASSIFIER.value:
        classifier = FeatureModel.load(_CLASSIFIER.value)
    scores = measure_scores(
        model,
        cache,
        _SPLIT.value,
        _num_images(1000),
        _SEED.value,
        feature_model,
        classifier,
    )
    records = [score.record() for score in scores]
    for record in records:
        print(format_record({**record, **_protocol(model, cache)}))
    return records


def _style(model: "TextToImage", cache: "Cache") -> list[dict[str, Any]]:
    from text_to_image.evaluations.style import (
        format_table,
        measure_style,
        transfer_correlation,
    )
    from text_to_image.runs.directory import RunDirectory

    style_encoders, runs = _style_encoders(model, cache)
    split, seed = cache.split(_SPLIT.value), _SEED.value
    verified = measure_style(style_encoders, split, _CLUSTERS.value, seed)
    own = next(iter(style_encoders.values()))
    transferred = transfer_correlation(model, own, split, _num_images(500), seed)
    title = f"{cache.dataset} {_SPLIT.value} images, step {model.step}, seed {seed}"
    print(f"{title}\n{format_table(verified, transferred)}")
    _draw_style(verified, title, split, RunDirectory(_WORKDIR.value))
    areas = {
        name: {"auc": curve["auc"], "auc_sd": curve["auc_sd"]}
        for name, curve in verified.pop("curves").items()
    }
    record = {"runs": runs, "areas": areas, "transfer": transferred}
    return [{"metric": "style_verification", **verified, **record}]


def _style_encoders(
    model: "TextToImage", cache: "Cache"
) -> tuple[dict[str, "StyleReader"], dict[str, dict[str, Any]]]:
    """Loads S of this run and of those to compare, and describes them, by their names.

    Raises:
        InputError: a run without S, or of another data set.
    """
    from text_to_image.generation.text_to_image import TextToImage
    from text_to_image.style.inversion import load_style_encoder

    style_encoders, runs = {}, {}
    for workdir in [_WORKDIR.value, *_COMPARE.value]:
        run_model = model if workdir == _WORKDIR.value else TextToImage.load(workdir)
        description = run_model.description
        if description.dataset != cache.dataset:
            raise InputError(
                f"--compare={workdir}: trained on {description.dataset}, expected a "
                f"run on {cache.dataset}, whose images are compared"
            )
        objective = description.config.objective
        name = f"S of {workdir} ({objective})"
        style_encoders[name] = load_style_encoder(workdir, run_model)
        runs[workdir] = {"objective": objective, "step": run_model.step}
    return style_encoders, runs


def _draw_style(
    verified: dict[str, Any], title: str, split: "Split", run: "RunDirectory"
) -> None:
    """Writes the curves, and for 32 images what was taken for background."""
    import numpy as np

    from text_to_image.data.crops import center_crop
    from text_to_image.evaluations.style_figure import draw_curves
    from text_to_image.generation.files import save
    from text_to_image.metrics.colors.background import draw_segmentation

    rows = np.linspace(0, len(split.images) - 1, 32).astype(int)
    images = center_crop(np.stack([split.images[i] for i in np.unique(rows)]))
    figures = {
        "style_roc": draw_curves(verified, title),
        "style_segmentation": draw_segmentation(images),
    }
    for name, figure in figures.items():
        save(figure, run.path / f"{name}.png")
        print(f"wrote {run.path / f'{name}.png'}")


# What is returned goes to metrics.jsonl, a line each.
_Command = Callable[["TextToImage", "Cache"], list[dict[str, Any]]]
_COMMANDS: dict[str, _Command] = {
    "colors": _colors,
    "figures": _figures,
    "scores": _scores,
    "style": _style,
}


def console() -> None:
    """The console script `t2i-evaluate`."""
    run(main)
