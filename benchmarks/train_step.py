"""Images a second of one training step, next to the same network in PyTorch.

  python -m benchmarks.train_step
  python -m benchmarks.train_step --architecture=dcgan4 --precision=bfloat16 --nocompile
  python -m benchmarks.train_step --runs=20 --json=train_step.jsonl

Batches are drawn as in training, from random images and vectors on the device;
PyTorch is given its batch. The column gemm is the operations a second over those of a
float32 matrix product timed after each step; the column peer is our rate over
PyTorch's best of the same precision and update, its steps timed in turn with ours.

PyTorch is an extra: pip install -e ".[bench]". Compiling takes minutes.
"""

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING

from absl import flags

from benchmarks.cases import JSON, TEXT_DIM, cases
from benchmarks.configurations import NETWORKS
from foundation.command_line import run

if TYPE_CHECKING:
    from benchmarks.timing import Row, Work
    from text_to_image import Config

_UPDATES = ("simultaneous", "alternating")

_UPDATE = flags.DEFINE_multi_enum("update", [*_UPDATES], _UPDATES, "Repeatable.")
_COMPILE = flags.DEFINE_bool("compile", True, "Time torch.compile, too.")
_RUNS = flags.DEFINE_integer("runs", 10, "Timed steps a case.", lower_bound=2)


def main(argv: list[str]) -> None:
    """Times every case and prints the table."""
    del argv
    from benchmarks.timing import report

    has_torch = importlib.util.find_spec("torch") is not None
    if not has_torch:
        print('without PyTorch; install it with: pip install -e ".[bench]"')
    rows = []
    for update in _UPDATE.value:
        for name, config in cases([*NETWORKS], update=update):
            rows += time_steps(f"{name} {update}", config, has_torch)
    report(rows, JSON.value)


def time_steps(name: str, config: "Config", has_torch: bool) -> list["Row"]:
    """Times the step that `config` describes, ours first, then PyTorch's."""
    from benchmarks.timing import beside, measure

    works = [_our_step(name, config)]
    if has_torch:
        works += _torch_steps(name, config, works[0].flops)
    ours, *theirs = measure(works, "images/s", config.batch_size, _RUNS.value)
    return [beside(ours, theirs), *theirs]


def _our_step(name: str, config: "Config") -> "Work":
    import tensorflow as tf

    from benchmarks.flops import step_flops
    from benchmarks.synthetic import random_run
    from benchmarks.timing import Work
    from text_to_image.training.compiled_steps import compile_steps

    gan, dataset = random_run(config, TEXT_DIM.value)
    steps = compile_steps(gan, dataset)
    one = tf.constant(1, tf.int32)
    flops = step_flops(gan, dataset.batch(one))
    return Work(name, lambda: float(steps(one)["loss/d"]), flops)


def _torch_steps(name: str, config: "Config", flops: float | None) -> Iterator["Work"]:
    """Yields PyTorch's steps; the operations are as many, the algorithm is the same."""
    from functools import partial

    import tensorflow as tf

    from benchmarks.synthetic import random_split
    from benchmarks.timing import Work
    from benchmarks.torch_peer.training import TorchGAN
    from benchmarks.torch_peer.weights import to_torch
    from text_to_image.data.device_dataset import DeviceDataset

    split = random_split(2 * config.batch_size, TEXT_DIM.value)
    drawn = DeviceDataset(split, config).batch(tf.constant(0))
    batch = {key: to_torch(tensor.numpy()) for key, tensor in drawn.items()}
    for compiled in (False, True) if _COMPILE.value else (False,):
        peer = TorchGAN(config, TEXT_DIM.value, compiled)
        mode = "compile" if compiled else "eager"
        yield Work(f"{name} torch {mode}", partial(peer.train_step, batch), flops)


if __name__ == "__main__":
    run(main, __doc__ or "")
