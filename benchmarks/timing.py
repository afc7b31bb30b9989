"""Times work beside a matrix product in the same process.

A machine drifts by a factor of two when others use it; the ratio of two things timed in
turn does not.
"""

import dataclasses
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf
from tqdm import tqdm

_GEMM = 1024
GEMM_FLOPS = 2 * _GEMM**3


@dataclasses.dataclass(frozen=True)
class Row:
    """One measured case.

    Attributes:
        case: what was timed.
        rate: units a second, the median over runs.
        unit: what the rate counts, as "images/s".
        spread: interquartile range of the rate over the rate.
        gemm_ratio: floating-point operations a second over those of the fp32 product
            timed in turn; None where operations are not counted.
        peer_ratio: rate over that of the named alternative; None without one.
        runs: how many were timed.
    """

    case: str
    rate: float
    unit: str
    spread: float
    gemm_ratio: float | None
    peer_ratio: float | None
    runs: int


def measure(
    case: str,
    unit: str,
    work: Callable[[], object],
    units: float,
    runs: int,
    flops: float | None = None,
) -> Row:
    """Times `work` and a matrix product in turn, after two calls that warm up.

    Args:
        case: its name in the table.
        unit: what is counted, as "images/s".
        work: one run; it returns when its results are there.
        units: how many of them one call does.
        runs: how often each is timed, at least 2.
        flops: floating-point operations of one call.
    """
    gemm = _gemm()
    for _ in range(2):
        work()
        float(gemm())
    seconds, gemm_seconds = [], []
    for _ in tqdm(range(runs), desc=case, disable=None, leave=False):
        seconds.append(_timed(work))
        gemm_seconds.append(_timed(lambda: float(gemm())))
    rates = [units / s for s in seconds]
    low, _, high = statistics.quantiles(rates, n=4)
    rate = statistics.median(rates)
    ratio = None
    if flops is not None:
        gemm_rate = GEMM_FLOPS / statistics.median(gemm_seconds)
        ratio = flops / statistics.median(seconds) / gemm_rate
    return Row(case, rate, unit, (high - low) / rate, ratio, None, runs)


def gemm_rate(runs: int = 10) -> float:
    """Returns operations a second of the matrix product, the median over runs."""
    gemm = _gemm()
    float(gemm())
    return GEMM_FLOPS / statistics.median(
        _timed(lambda: float(gemm())) for _ in range(runs)
    )


def _gemm() -> Callable[[], tf.Tensor]:
    matrix = tf.random.stateless_uniform((_GEMM, _GEMM), (0, 0))
    return tf.function(lambda: tf.reduce_sum(tf.linalg.matmul(matrix, matrix)))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(rows: list[Row], path: str = "") -> None:
    """Prints a table; writes one JSON object a line to `path`, unless it is empty."""
    print(f"{'case':40}{'rate':>10} {'unit':12}{'spread':>7}{'gemm':>7}{'peer':>7}")
    for row in rows:
        gemm, peer = (
            "" if ratio is None else f"{ratio:.2f}"
            for ratio in (row.gemm_ratio, row.peer_ratio)
        )
        print(
            f"{row.case:40}{row.rate:10.1f} {row.unit:12}{row.spread:7.1%}"
            f"{gemm:>7}{peer:>7}"
        )
    if path:
        lines = [json.dumps(dataclasses.asdict(row)) + "\n" for row in rows]
        Path(path).write_text("".join(lines), "utf-8")
        print(f"written: {path}")
