"""Where the time of a training step goes, by the type of operation.

  python -m benchmarks.profile_step
  python -m benchmarks.profile_step --architecture=dcgan4 --types=20 --json=ops.jsonl

TensorFlow's profiler watches compiled steps after two that are not watched. Shares are
of the time that all operations took together: two that run at once share the cores, and
both take longer for it. Types are those that run, after Grappler and oneDNN have fused
what they can. For a CPU: on a GPU these are the times of launches.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from absl import flags

from benchmarks.cases import JSON, TEXT_DIM, cases
from foundation.command_line import run

if TYPE_CHECKING:
    from benchmarks.timing import Row
    from text_to_image import Config

_STEPS = flags.DEFINE_integer("steps", 5, "Watched steps.", lower_bound=1)
_TYPES = flags.DEFINE_integer("types", 12, "Types listed, by time.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Profiles every case and prints the table."""
    del argv
    from benchmarks.timing import report

    rows = []
    for name, config in cases(["dcgan4"]):
        rows += profile(name, config)
    report(rows, JSON.value)


def profile(name: str, config: "Config") -> list["Row"]:
    """Returns the shares of the types of operations, the largest first."""
    from benchmarks.op_times import operation_times
    from benchmarks.timing import Row

    times = operation_times(_compiled_steps(config))
    whole = sum(map(sum, times.values()))
    ranked = sorted(times, key=lambda kind: -sum(times[kind]))
    kinds = {
        f"{len(times[kind]) / _STEPS.value:.0f} {kind}": [kind]
        for kind in ranked[: _TYPES.value]
    }
    kinds["all others"] = ranked[_TYPES.value :]
    kinds["all convolutions"] = [kind for kind in ranked if "Conv2D" in kind]
    return [
        Row(
            f"{name}: {case}",
            100 * sum(sum(times[kind]) for kind in members) / whole,
            "% of time",
            0.0,
            None,
            None,
            _STEPS.value,
        )
        for case, members in kinds.items()
    ]


def _compiled_steps(config: "Config") -> Callable[[], float]:
    """Returns a call of --steps steps that are compiled and warm."""
    import tensorflow as tf

    from benchmarks.synthetic import random_run
    from text_to_image.training.compiled_steps import compile_steps

    steps = compile_steps(*random_run(config, TEXT_DIM.value))
    float(steps(tf.constant(2, tf.int32))["loss/d"])
    count = tf.constant(_STEPS.value, tf.int32)
    return lambda: float(steps(count)["loss/d"])


if __name__ == "__main__":
    run(main, __doc__ or "")
