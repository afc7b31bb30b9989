import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from data_prep.rendered_flowers.attributes import sample_attributes
from data_prep.rendered_flowers.drawing import draw_all, draw_png
from data_prep.rendered_flowers.renderer import render


def test_a_png_holds_the_picture_unchanged():
    decoded = np.asarray(Image.open(io.BytesIO(draw_png((7, 2), seed=0))))
    np.testing.assert_array_equal(decoded, render(sample_attributes(7, 2)))


def test_processes_draw_the_same_pictures_in_the_same_order():
    labels, each = [4, 90], 3
    expected = [draw_png((label, i), seed=1) for label in labels for i in range(each)]
    assert list(draw_all(labels, each, seed=1, workers=0)) == expected
    assert list(draw_all(labels, each, seed=1, workers=2)) == expected


def test_a_failing_process_is_reported():
    with pytest.raises(IndexError):
        list(draw_all([10_000], 2, seed=0, workers=2))


def test_processes_end_when_the_reader_stops():
    pictures = draw_all([0], 50, seed=0, workers=2)
    next(pictures)
    pictures.close()  # draws none of the others
    assert list(pictures) == []


def test_drawing_does_not_import_tensorflow():
    code = (
        "import sys, data_prep.rendered_flowers.drawing;"
        "sys.exit('tensorflow' in sys.modules)"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
