"""Sentence vectors: python -m skipthoughts --help."""

from foundation.command_line import Command, dispatch

COMMANDS = {
    "train": Command("skipthoughts.cli.train", "an encoder, on captions or prose"),
    "import": Command(
        "skipthoughts.cli.import_release", "converts the original release"
    ),
    "expand": Command(
        "skipthoughts.cli.expand", "adds the words of a word-vector file"
    ),
    "encode": Command("skipthoughts.cli.encode", "lines of text in, .npy out"),
    "neighbours": Command(
        "skipthoughts.cli.neighbours", "words or sentences that are alike"
    ),
    "evaluate": Command("skipthoughts.cli.evaluate", "what the vectors carry"),
}


def console() -> None:
    """The console script `skipthoughts`."""
    dispatch("-m skipthoughts", COMMANDS)


if __name__ == "__main__":
    console()
