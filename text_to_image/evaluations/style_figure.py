"""The curves of `evaluate.py style` (Fig. 5), drawn with matplotlib."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from text_to_image.data.cache import Split
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.style import RATES
from text_to_image.generation.files import save
from text_to_image.metrics.colors.background import draw_segmentation


def draw_curves(verified: dict[str, Any], title: str) -> Image.Image:
    """Draws the mean ROC curve of each feature; controls are dashed.

    Args:
        verified: what `measure_style` returns.
        title: above the curves.
    """
    figure = Figure(figsize=(6, 6), dpi=150, layout="constrained")
    canvas = FigureCanvasAgg(figure)  # without pyplot: no display, no global state
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="chance, 0.500")
    for name, curve in verified["curves"].items():
        axes.plot(
            RATES,
            curve["true_rates"],
            linestyle="--" if name.startswith("control") else "-",
            label=f"{name}, {curve['auc']:.3f} ± {curve['auc_sd']:.3f}",
        )
    axes.set(
        xlabel="false positive rate",
        ylabel="true positive rate",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    axes.set_title(title, fontsize="medium")
    axes.legend(title="area under the curve", loc="lower right", fontsize="small")
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])


def write_style_figures(
    verified: dict[str, Any], title: str, split: Split, directory: Path
) -> list[Path]:
    """Writes the curves, and for 32 images what was taken for background.

    Args:
        verified: what `measure_style` returns.
        title: above the curves.
        split: whose images were verified.
        directory: where to.

    Returns:
        The files.
    """
    rows = np.linspace(0, len(split.images) - 1, 32).astype(int)
    images = center_crop(np.stack([split.images[i] for i in np.unique(rows)]))
    figures = {
        directory / "style_roc.png": draw_curves(verified, title),
        directory / "style_segmentation.png": draw_segmentation(images),
    }
    for path, figure in figures.items():
        save(figure, path)
    return list(figures)
