"""Images a second of train.py with everything on, over those of the bare step.

  python -m benchmarks.end_to_end
  python -m benchmarks.end_to_end --architecture=dcgan4 --precision=bfloat16 \
      --steps=500 --json=end_to_end.jsonl

`train()`, all that train.py calls, trains on a made-up cache in a temporary directory.
After every 10 of its steps it writes a status line, TensorBoard's scalars and a line of
metrics.jsonl, generates a sample grid and saves a checkpoint; then 10 steps of the same
compiled function on the same data run bare, and so on in turn, so that the drift of the
machine is in both. What train() does between two bare blocks is timed as a whole.

The row train.py is images a second of that wall time: the status line counts after
every 10 steps, the grid by a 500th a step and the checkpoint by a 250th, as often as
configs/flowers102_cpu.cfg asks for them. Its column peer is the ratio to the bare step.
The row reported is `perf/images_per_sec` of metrics.jsonl, which leaves out all but the
steps. Compilation and the start of the run are in no row. The directory is below
TMPDIR: checkpoints are written to whatever disk that is on.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from benchmarks.cases import BATCH_SIZE, JSON, TEXT_DIM, cases
from foundation.command_line import run
from foundation.errors import InputError

if TYPE_CHECKING:
    from benchmarks.timing import Row
    from text_to_image import Config

_STEPS = flags.DEFINE_integer(
    "steps", 100, "Timed steps of the run, and as many bare.", lower_bound=20
)


def main(argv: list[str]) -> None:
    """Times every case and prints the table."""
    del argv
    from benchmarks.synthetic import write_cache
    from benchmarks.timing import report

    if TEXT_DIM.value % 4:
        raise InputError(f"--text_dim={TEXT_DIM.value}: expected a multiple of 4")
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        images = max(2 * BATCH_SIZE.value, 8)
        cache = write_cache(Path(directory) / "cache", images, TEXT_DIM.value)
        for name, config in cases(["dcgan4"], cache_dir=str(cache)):
            rows += time_run(name, config)
    report(rows, JSON.value)


def time_run(name: str, config: "Config") -> list["Row"]:
    """Times a run and the bare step; returns their rows and those of the pieces."""
    from benchmarks.run_speed import BLOCK, run_beside_bare
    from benchmarks.timing import beside, row_of

    speed = run_beside_bare(config, _STEPS.value // BLOCK)
    bare = row_of(f"{name} bare step", "images/s", speed.bare_rates())
    trained = row_of(f"{name} train.py", "images/s", speed.run_rates())
    reported = row_of(f"{name} reported", "images/s", speed.reported)
    return [
        beside(trained, [bare]),
        beside(reported, [bare]),
        bare,
        row_of(f"{name} status line", "s", speed.status_lines()),
        row_of(f"{name} sample grid", "s", speed.samples),
        row_of(f"{name} checkpoint", "s", speed.checkpoints),
    ]


if __name__ == "__main__":
    run(main, __doc__ or "")
