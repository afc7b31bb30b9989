"""Flags that name the cases of a benchmark, and the loop over them."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from absl import flags

from benchmarks.configurations import NETWORKS, PRECISIONS, configuration
from text_to_image.config import Config

_ARCHITECTURE = flags.DEFINE_multi_enum(
    "architecture", [], [*NETWORKS], "dcgan by its kernels; repeatable."
)
_PRECISION = flags.DEFINE_multi_enum(
    "precision", [*PRECISIONS], [*PRECISIONS], "Repeatable."
)
BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images a step.", lower_bound=2)
TEXT_DIM = flags.DEFINE_integer("text_dim", 4800, "Of the vectors.", lower_bound=1)
_WIDTH = flags.DEFINE_integer("width", 0, "--gf and --df; 0: published.", lower_bound=0)
JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")


def cases(networks: Sequence[str], **fields: Any) -> Iterator[tuple[str, Config]]:
    """Yields name and configuration of every case that the flags ask for.

    Args:
        networks: of NETWORKS; what is measured without --architecture.
        fields: further fields of the configurations.
    """
    chosen = _ARCHITECTURE.value or networks
    for network, precision in itertools.product(chosen, _PRECISION.value):
        config = configuration(
            network, precision, _WIDTH.value, batch_size=BATCH_SIZE.value, **fields
        )
        yield f"{network} {precision}", config
