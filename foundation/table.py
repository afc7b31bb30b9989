"""Prints a table of text."""

from collections.abc import Sequence
from typing import Any


def print_table(header: list[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints a header and rows; the first column is left-aligned, others right."""
    lines = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(w) for cell, w in zip(others, widths[1:], strict=True)]
        print("  ".join(cells).rstrip())
