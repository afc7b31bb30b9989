"""The measurements behind the numbers of the README: `python -m benchmarks.NAME`."""
