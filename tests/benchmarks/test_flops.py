"""Operations counted in the graph are those that the layers' shapes give."""

import pytest
import tensorflow as tf

from benchmarks.flops import step_flops
from text_to_image import Config
from text_to_image.gan import GAN

WIDTH, TEXT, DIM, Z, BATCH = 2, 3, 5, 7, 4


@pytest.mark.parametrize("kernel_size", [4, 5])
@pytest.mark.parametrize("update", ["simultaneous", "alternating"])
@pytest.mark.parametrize("mismatch", ["text", "image"])
def test_dcgan_step(kernel_size, update, mismatch):
    config = Config(
        architecture="dcgan",
        gf=WIDTH,
        df=WIDTH,
        text_features=TEXT,
        z_dim=Z,
        kernel_size=kernel_size,
        update=update,
        mismatch=mismatch,
    )
    images, texts = tf.TensorSpec((BATCH, 64, 64, 3)), tf.TensorSpec((BATCH, DIM))
    batch = {
        "real_images": images,
        "wrong_images": images,
        "text_embedding": texts,
        "wrong_text_embedding": texts,
        "z": tf.TensorSpec((BATCH, Z)),
        "generator_z": tf.TensorSpec((1, BATCH, Z)),
    }
    # Multiply-adds by hand: weights x the positions that they are applied at. From
    # 32 x 32 x w to 4 x 4 x 8w, each stage quarters positions and doubles channels.
    area = kernel_size**2
    outer = area * 3 * WIDTH * 32**2  # 64x64x3 <-> 32x32xw
    inner = sum(area * WIDTH * 2 * WIDTH * 4**i * 16**2 / 4**i for i in range(3))
    look = outer + inner + 16 * (8 * WIDTH) ** 2  # with the image's share of the mix
    text, score = DIM * TEXT, 4 * 4 * 8 * WIDTH
    judge = text + TEXT * 8 * WIDTH + score
    g = outer + inner + text + (Z + TEXT) * 4 * 4 * 8 * WIDTH
    # Forward, and twice that backward; nothing is upstream of images and texts.
    looks = 2 if mismatch == "text" else 3
    d_update = looks * (3 * look - outer) + 3 * (3 * judge - text)
    g_backward = 2 * g - text + look + score
    again = g + look + judge if update == "alternating" else 0
    total = g + d_update + again + g_backward
    assert step_flops(GAN(config, DIM), batch) == 2 * BATCH * total
