"""Prints the lower bounds of setup.py as constraints for pip: NAME==VERSION a line."""

import re
from pathlib import Path

SETUP = Path(__file__).parents[1] / "setup.py"


def lower_bounds(setup: str) -> list[str]:
    """Returns the lower bound of every requirement in the text of setup.py.

    Raises:
        ValueError: a requirement has none.
    """
    start = setup.index("install_requires=")
    requirements = re.findall(
        r'"([\w.-]+)(?:\[[\w-]+\])?(?:>=([\d.]+))?"(?=[,\]])',
        setup[start : setup.index("entry_points=")],
    )
    unbound = [name for name, bound in requirements if not bound]
    if unbound:
        raise ValueError(f"setup.py: {unbound}: expected a lower bound, as numpy>=1.26")
    return sorted({f"{name}=={bound}" for name, bound in requirements})


if __name__ == "__main__":
    print("\n".join(lower_bounds(SETUP.read_text("utf-8"))))
