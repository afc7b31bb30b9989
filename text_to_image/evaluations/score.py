"""One figure of `evaluate.py scores`, with what it must be read next to."""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Score:
    """A figure of generated images, the same of real images and of controls.

    Attributes:
        metric: its name, the feature network's included.
        generated: the figure.
        real: the same of real images.
        real_is: which these are.
        controls: the same of what should score badly, by what it is.
        protocol: every choice that it depends on, by name.
        error: of `generated`, in its units.
        error_is: what kind of error.
    """

    metric: str
    generated: float
    real: float
    real_is: str
    controls: dict[str, float]
    protocol: dict[str, Any]
    error: float | None = None
    error_is: str = "standard error"

    def record(self) -> dict[str, Any]:
        """Returns it as a line of metrics.jsonl, the protocol next to the figures."""
        values = dataclasses.asdict(self)
        protocol = values.pop("protocol")
        return {**values, **protocol}


def format_record(record: dict[str, Any]) -> str:
    """Returns a `Score.record`, to which a protocol may have been added, as a line."""
    figures = {field.name for field in dataclasses.fields(Score)}
    protocol = ", ".join(
        f"{name} {value}" for name, value in record.items() if name not in figures
    )
    error = (
        ""
        if record["error"] is None
        else f" ± {_format(record['error'])} ({record['error_is']})"
    )
    controls = "".join(
        f"; {name} {_format(value)}" for name, value in record["controls"].items()
    )
    return (
        f"{record['metric']} {_format(record['generated'])}{error}; "
        f"{record['real_is']} {_format(record['real'])}{controls} | {protocol}"
    )


def _format(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
