"""Images a second of one training step, in float32 and bfloat16.

  python -m benchmarks.train_step
  python -m benchmarks.train_step --runs=20 --json=train_step.jsonl

Batches are drawn as in training, from random pictures and vectors on the device. The
column gemm is the operations a second over those of a float32 matrix product timed
between the steps.
"""

from typing import TYPE_CHECKING

from absl import flags

from skipthoughts.errors import run

if TYPE_CHECKING:
    from benchmarks.timing import Row
    from text_to_image import Config

_RUNS = flags.DEFINE_integer("runs", 10, "Timed steps a case.", lower_bound=2)
_JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images a step.", lower_bound=2)
_TEXT_DIM = flags.DEFINE_integer("text_dim", 4800, "Of the vectors.", lower_bound=1)
_WIDTH = flags.DEFINE_integer("width", 0, "--gf and --df; 0: published.", lower_bound=0)


def main(argv: list[str]) -> None:
    """Times every case and prints the table."""
    del argv
    from benchmarks.timing import report
    from text_to_image import Config

    width, batch = _WIDTH.value, _BATCH_SIZE.value
    rows = []
    for architecture, kernel_size in (("dcgan", 4), ("dcgan", 5), ("reed", 0)):
        for precision in ("none", "bfloat16"):
            config = Config(
                architecture=architecture,
                kernel_size=kernel_size,
                gf=width,
                df=width,
                batch_size=batch,
                mixed_precision=precision,
            )
            rows.append(time_step(config, _TEXT_DIM.value, _RUNS.value))
    report(rows, _JSON.value)


def time_step(config: "Config", text_dim: int, runs: int) -> "Row":
    """Times the step that `config` describes; the median of `runs`."""
    import numpy as np
    import tensorflow as tf

    from benchmarks.flops import step_flops
    from benchmarks.timing import measure
    from text_to_image.cache import Split
    from text_to_image.dataset import DeviceDataset
    from text_to_image.gan import GAN
    from text_to_image.training import compile_steps

    count = 2 * config.batch_size
    rng = np.random.default_rng(0)
    split = Split(
        images=rng.integers(0, 256, (count, 76, 76, 3), np.uint8),
        embeddings=rng.normal(size=(count, text_dim)).astype(np.float32),
        caption_offsets=np.arange(count + 1),
        labels=np.arange(count, dtype=np.int32) % 8,
        captions=[""] * count,
    )
    dataset = DeviceDataset(split, config)
    gan = GAN(config, text_dim)
    steps = compile_steps(gan, dataset)
    one = tf.constant(1, tf.int32)
    kernel = f" {config.kernel_size}x{config.kernel_size}" if config.kernel_size else ""
    precision = "float32" if config.mixed_precision == "none" else "bfloat16"
    return measure(
        f"{config.architecture}{kernel} {precision} batch {config.batch_size}",
        "images/s",
        lambda: float(steps(one)["loss/d"]),
        config.batch_size,
        runs,
        step_flops(gan, dataset.batch(one)),
    )


if __name__ == "__main__":
    run(main)
