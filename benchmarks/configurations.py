"""The configurations that benchmarks measure, by the names in their tables."""

from typing import Any

from text_to_image.config import Config

NETWORKS = {"dcgan4": ("dcgan", 4), "dcgan5": ("dcgan", 5), "reed": ("reed", 0)}
PRECISIONS = {"float32": "none", "bfloat16": "bfloat16"}


def configuration(network: str, precision: str, width: int, **others: Any) -> Config:
    """Returns the configuration of a row.

    Args:
        network: of NETWORKS; dcgan by the size of its kernels.
        precision: of PRECISIONS.
        width: of G and of D; 0: the published ones.
        others: further fields of the configuration.
    """
    architecture, kernel_size = NETWORKS[network]
    return Config(
        architecture=architecture,
        kernel_size=kernel_size,
        gf=width,
        df=width,
        mixed_precision=PRECISIONS[precision],
        **others,
    )
