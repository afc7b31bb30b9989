"""Times work next to a matrix product in the same process.

A machine drifts by a factor of two when others use it; the ratio of two things timed in
turn does not.
"""

import dataclasses
import json
import statistics
import time
from collections.abc import Callable, Sequence
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
        rate: of the unit, the median over runs.
        unit: what the rate counts, as "images/s"; "s" for seconds of one run.
        spread: interquartile range of the rate over the rate.
        gemm_ratio: floating-point operations a second over those of the fp32 product
            timed in turn; None where operations are not counted.
        peer_ratio: rate over that of the alternative next to it; None without one.
        runs: how many were timed.
    """

    case: str
    rate: float
    unit: str
    spread: float
    gemm_ratio: float | None
    peer_ratio: float | None
    runs: int


@dataclasses.dataclass(frozen=True)
class Work:
    """What is to be timed.

    Attributes:
        case: its name in the table.
        call: one run; it returns when its results are there.
        flops: floating-point operations of one call.
    """

    case: str
    call: Callable[[], object]
    flops: float | None = None


def measure(
    works: Sequence[Work], unit: str, units: float, runs: int, warm_up: int = 2
) -> list[Row]:
    """Times several works in turn, with a matrix product after each, as rows.

    Args:
        works: what is compared.
        unit: what is counted, as "images/s".
        units: how many of them one call does.
        runs: how often each is timed, at least 2.
        warm_up: calls of each before; the first compiles.
    """
    gemm = _gemm()
    for work in works:
        for _ in range(warm_up):
            work.call()
    _timed(lambda: float(gemm()))
    seconds: list[list[float]] = [[] for _ in works]
    gemm_seconds: list[list[float]] = [[] for _ in works]
    title = works[0].case if len(works) == 1 else f"{works[0].case} and others"
    for _ in tqdm(range(runs), desc=title, disable=None, leave=False):
        for i, work in enumerate(works):
            seconds[i].append(_timed(work.call))
            gemm_seconds[i].append(_timed(lambda: float(gemm())))
    return [
        _row(work, unit, units, times, products)
        for work, times, products in zip(works, seconds, gemm_seconds, strict=True)
    ]


def _row(
    work: Work, unit: str, units: float, seconds: list[float], gemm: list[float]
) -> Row:
    ratio = None
    if work.flops is not None:
        gemm_rate = GEMM_FLOPS / statistics.median(gemm)
        ratio = work.flops / statistics.median(seconds) / gemm_rate
    rates = [units / s for s in seconds]
    row = row_of(work.case, unit, rates)
    return dataclasses.replace(row, gemm_ratio=ratio)


def row_of(case: str, unit: str, values: Sequence[float]) -> Row:
    """Makes the row of values that were measured, without ratios; 2 or more."""
    low, _, high = statistics.quantiles(values, n=4)
    median = statistics.median(values)
    return Row(case, median, unit, (high - low) / median, None, None, len(values))


def beside(row: Row, peers: Sequence[Row]) -> Row:
    """Returns a row with its ratio to the best of its peers; as it is without any."""
    if not peers:
        return row
    best = max(peer.rate for peer in peers)
    return dataclasses.replace(row, peer_ratio=row.rate / best)


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
    time.sleep(0.02)  # threads of other works spin for some milliseconds
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(rows: list[Row], path: str = "") -> None:
    """Prints a table; writes one JSON object a line to `path`, unless it is empty."""
    width = max(40, *(len(row.case) for row in rows))
    title = (
        f"{'case':{width}}{'rate':>10} {'unit':12}{'spread':>7}{'gemm':>7}{'peer':>7}"
    )
    print(title)
    for row in rows:
        gemm, peer = (
            "" if ratio is None else f"{ratio:.2f}"
            for ratio in (row.gemm_ratio, row.peer_ratio)
        )
        rate = f"{row.rate:.3f}" if row.unit == "s" else f"{row.rate:.1f}"
        numbers = f"{row.spread:7.1%}{gemm:>7}{peer:>7}"
        print(f"{row.case:{width}}{rate:>10} {row.unit:12}{numbers}")
    if path:
        lines = [json.dumps(dataclasses.asdict(row)) + "\n" for row in rows]
        Path(path).write_text("".join(lines), "utf-8")
        print(f"written: {path}")
