"""Trains a GAN or the style encoder of a run: python train.py --help."""

from text_to_image.cli.train import console

if __name__ == "__main__":
    console()
