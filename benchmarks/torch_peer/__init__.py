"""The same networks and training step as a careful user of PyTorch writes them.

Needs the optional extra: `pip install -e ".[bench]"`. Nothing but the benchmarks and
their tests imports this package.
"""
