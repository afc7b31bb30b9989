"""`evaluate.py`: what is measured is the first word."""

from foundation.command_line import Command, dispatch

COMMANDS = {
    "colors": Command("text_to_image.cli.evaluate_colors", "petal colors of captions"),
    "scores": Command("text_to_image.cli.evaluate_scores", "quality, text, diversity"),
    "style": Command("text_to_image.cli.evaluate_style", "what the style encoder sees"),
    "figures": Command("text_to_image.cli.evaluate_figures", "the paper's figures"),
    "classifier": Command(
        "text_to_image.cli.evaluate_classifier", "trains one, for the inception score"
    ),
}


def console() -> None:
    """The console script `t2i-evaluate`."""
    dispatch("evaluate.py", COMMANDS)
