"""Prints the floating-point operations and bytes of one iteration of an experiment.

  python -m benchmarks.operations --flagfile=configs/reed_gan_cls.cfg

Flags are those of train.py. Caption vectors have 512 dimensions, as those of the
encoder that data_prep trains, unless --text_dim says otherwise. Bytes are what kernels
read and write if none is fused and nothing stays in a cache.
"""

from absl import flags

from foundation.command_line import run
from foundation.flag_help import group
from text_to_image.cli.config_flags import config_from_flags, define_flags
from text_to_image.config import Config

group("Operations")
_TEXT_DIM = flags.DEFINE_integer("text_dim", 512, "Of the vectors.", lower_bound=1)
flags.DEFINE_string("workdir", "", "Ignored; flagfiles of train.py have it.")
define_flags(Config)


def main(argv: list[str]) -> None:
    """Counts operations and bytes of the step that the flags describe."""
    del argv
    import tensorflow as tf

    from benchmarks.flops import step_flops
    from benchmarks.synthetic import random_split
    from benchmarks.traffic import step_bytes
    from text_to_image.data.device_dataset import DeviceDataset
    from text_to_image.gan import GAN

    config, text_dim = config_from_flags(Config), _TEXT_DIM.value
    dataset = DeviceDataset(random_split(config.batch_size, text_dim), config)
    gan, batch = GAN(config, text_dim), dataset.batch(tf.constant(0))
    flops, moved = step_flops(gan, batch), step_bytes(gan, batch)
    print(f"{flops / 1e9:.1f} GFLOP, {moved / 1e9:.2f} GB an iteration")


if __name__ == "__main__":
    run(main, __doc__ or "")
