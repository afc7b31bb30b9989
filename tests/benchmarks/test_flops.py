"""Operations counted in the graph are those that the layers' shapes give."""

import pytest

from benchmarks.flops import step_flops
from text_to_image import Config
from text_to_image.gan import GAN


@pytest.mark.parametrize("kernel_size", [4, 5])
def test_dcgan_step(kernel_size):
    width, text, dim, z, batch = 2, 3, 5, 7, 4
    config = Config(
        architecture="dcgan",
        gf=width,
        df=width,
        text_features=text,
        z_dim=z,
        kernel_size=kernel_size,
    )
    # Multiply-adds by hand: weights x the positions that they are applied at. From
    # 32 x 32 x w to 4 x 4 x 8w, each stage quarters positions and doubles channels.
    area = kernel_size**2
    outer = area * 3 * width * 32**2  # 64x64x3 <-> 32x32xw
    inner = sum(area * width * 2 * width * 4**i * 16**2 / 4**i for i in range(3))
    d_text, g_text = dim * text, dim * text
    score = 4 * 4 * 8 * width
    d = outer + inner + d_text + (8 * width + text) * 8 * width * 16 + score
    g = outer + inner + g_text + (z + text) * 4 * 4 * 8 * width
    d_update = g + 3 * (3 * d - outer - d_text)
    g_update = 3 * g - g_text + 2 * d - d_text
    # Nothing is upstream of the text in either update.
    assert step_flops(GAN(config, dim), batch) == 2 * batch * (d_update + g_update)
