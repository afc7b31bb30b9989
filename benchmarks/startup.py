"""Seconds from a cold start to the first training step.

  python -m benchmarks.startup
  python -m benchmarks.startup --architecture=dcgan4 --runs=10 --json=startup.jsonl

Each run is a process of its own: importing TensorFlow and Keras, importing the training
loop, building both networks with their optimisers and putting the data on the device,
and the first step with its tracing. Next to it the step after that. Data are made up.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from absl import flags

from benchmarks.configurations import NETWORKS, PRECISIONS, configuration
from foundation.command_line import run

_ARCHITECTURE = flags.DEFINE_enum(
    "architecture", "reed", [*NETWORKS], "Networks; dcgan by its kernels."
)
_PRECISION = flags.DEFINE_enum("precision", "float32", [*PRECISIONS], "Arithmetic.")
_RUNS = flags.DEFINE_integer("runs", 5, "Timed processes.", lower_bound=2)
_JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images a step.", lower_bound=2)
_TEXT_DIM = flags.DEFINE_integer("text_dim", 4800, "Of the vectors.", lower_bound=1)
_WIDTH = flags.DEFINE_integer("width", 0, "--gf and --df; 0: published.", lower_bound=0)
_ONCE = flags.DEFINE_bool("once", False, "Be one of the processes: print its seconds.")


def main(argv: list[str]) -> None:
    """Starts the processes and prints the table; with --once, is one of them."""
    if _ONCE.value:
        print(json.dumps(time_this_process()))
        return
    from tqdm import tqdm

    from benchmarks.fresh_process import run_python
    from benchmarks.timing import report, row_of

    same = (_ARCHITECTURE, _PRECISION, _BATCH_SIZE, _TEXT_DIM, _WIDTH)
    flags_of_one = [f"--{flag.name}={flag.value}" for flag in same]
    command = ("-m", "benchmarks.startup", "--once", *flags_of_one)
    processes = tqdm(range(1 + _RUNS.value), desc="cold starts", disable=None)
    # The first one reads files from the disk.
    runs = [json.loads(run_python(command)) for _ in processes][1:]
    report([row_of(c, "s", [one[c] for one in runs]) for c in runs[0]], _JSON.value)


def time_this_process() -> dict[str, float]:
    """Returns seconds by what they went to, and those until the first step has ended.

    Of a process that has not imported TensorFlow yet.
    """
    seconds = {}

    @contextmanager
    def timed(case: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        seconds[case] = time.perf_counter() - start

    with timed("import of TensorFlow and Keras"):
        import keras  # noqa: F401
        import tensorflow as tf
    with timed("import of the training loop"):
        from text_to_image.data.device_dataset import DeviceDataset
        from text_to_image.gan import GAN
        from text_to_image.training.compiled_steps import compile_steps
    from benchmarks.synthetic import random_split

    config = configuration(
        _ARCHITECTURE.value,
        _PRECISION.value,
        _WIDTH.value,
        batch_size=_BATCH_SIZE.value,
    )
    split = random_split(max(2 * config.batch_size, 8), _TEXT_DIM.value)
    with timed("networks, data to the device"):
        gan = GAN(config, _TEXT_DIM.value)
        steps = compile_steps(gan, DeviceDataset(split, config))
    one = tf.constant(1, tf.int32)
    with timed("trace and first step"):
        float(steps(one)["loss/d"])
    seconds["all until then"] = sum(seconds.values())
    with timed("second step"):
        float(steps(one)["loss/d"])
    return seconds


if __name__ == "__main__":
    run(main, __doc__ or "")
