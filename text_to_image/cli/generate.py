"""`generate.py`: what is generated is the first word."""

from foundation.command_line import Command, dispatch

COMMANDS = {
    "images": Command("text_to_image.cli.generate_images", "images of captions"),
    "interpolate": Command(
        "text_to_image.cli.generate_interpolations",
        "between captions or noises",
        {flag: flag for flag in ("--interpolate_caption", "--interpolate_seed")},
    ),
    "style": Command(
        "text_to_image.cli.generate_style",
        "captions in the style of photographs",
        {"--style_image": "--style_image"},
    ),
    "export": Command(
        "text_to_image.cli.generate_export",
        "a released model of a run",
        {"--export": "--output"},
    ),
}


def console() -> None:
    """The console script `t2i-generate`."""
    dispatch("generate.py", COMMANDS, default="images")
