"""`train.py`: what is trained is the first word."""

from foundation.command_line import Command, dispatch

COMMANDS = {
    "gan": Command("text_to_image.cli.train_gan", "G and D, on a cache"),
    "style": Command(
        "text_to_image.cli.train_style",
        "the style encoder of a run",
        {"--style_encoder": ""},
    ),
}


def console() -> None:
    """The console script `t2i-train`."""
    dispatch("train.py", COMMANDS, default="gan")
