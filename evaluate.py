"""Measures a trained run: python evaluate.py --help."""

from text_to_image.cli.evaluate import console

if __name__ == "__main__":
    console()
