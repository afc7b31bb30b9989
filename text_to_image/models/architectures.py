"""The names of the architectures, and the check of a name."""

from collections.abc import Iterable

ARCHITECTURES = ("reed", "dcgan")


def check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Checks an argument that names one of several choices.

    Raises:
        ValueError: it names none of them.
    """
    if value not in choices:
        raise ValueError(f"{name}={value!r}, expected one of {tuple(choices)}")
