"""Prints the floating-point operations of one iteration of an experiment.

  python -m benchmarks.operations --flagfile=configs/reed_gan_cls.cfg

Flags are those of train.py. Caption vectors have 512 dimensions, as those of the
encoder that data_prep trains, unless --text_dim says otherwise.
"""

from absl import flags

from skipthoughts.errors import run
from text_to_image.cli import train  # noqa: F401  defines the flags of train.py
from text_to_image.config import config_from_flags

_TEXT_DIM = flags.DEFINE_integer("text_dim", 512, "Of the vectors.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Counts the operations of the step that the flags describe."""
    del argv
    import tensorflow as tf

    from benchmarks.flops import step_flops
    from benchmarks.synthetic import random_split
    from text_to_image.dataset import DeviceDataset
    from text_to_image.gan import GAN

    config, text_dim = config_from_flags(), _TEXT_DIM.value
    dataset = DeviceDataset(random_split(config.batch_size, text_dim), config)
    flops = step_flops(GAN(config, text_dim), dataset.batch(tf.constant(0)))
    print(f"{flops / 1e9:.1f} GFLOP an iteration")


if __name__ == "__main__":
    run(main)
