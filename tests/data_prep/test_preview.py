import json

import numpy as np
from PIL import Image

from data_prep.preview import draw_preview


def write_split(folder, images):
    folder.mkdir()
    captions = [f"caption {i} " + "of many words " * 9 for i in range(2 * len(images))]
    np.save(folder / "images.npy", images)
    np.save(folder / "caption_offsets.npy", 2 * np.arange(len(images) + 1))
    (folder / "captions.json").write_text(json.dumps(captions))


def test_preview_shows_images_of_every_split_and_their_captions(tmp_path):
    shades = np.linspace(10, 240, 30).astype(np.uint8)
    many = np.zeros((30, 76, 76, 3), np.uint8) + shades[:, None, None, None]
    write_split(tmp_path / "train", many)
    write_split(tmp_path / "test", many[:2])
    draw_preview(tmp_path, ["train", "test"])
    sheet = np.asarray(Image.open(tmp_path / "preview.png"))
    height, side = len(sheet) // 2, 2 * 76
    assert sheet.shape[1] == 8 * side
    centers = [sheet[20 + side // 2, j * side + side // 2, 0] for j in range(8)]
    assert centers[0] == shades[0]
    assert centers[-1] == shades[-1]
    assert (np.diff(centers) > 0).all()
    below = sheet[20 + side : height]
    for j in range(8):  # there is text, and it keeps to its column
        assert (below[:, j * side : (j + 1) * side] < 100).any()
        assert (below[:, (j + 1) * side - 2 : (j + 1) * side] > 250).all()
    few = sheet[height + 20 + side // 2, side // 2 :: side, 0]
    assert list(few[:3]) == [shades[0], shades[1], 255]
