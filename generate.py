"""Generates images of captions: python generate.py --help."""

from text_to_image.cli.generate import console

if __name__ == "__main__":
    console()
