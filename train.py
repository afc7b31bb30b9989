"""Trains the text-to-image GAN of Reed et al. 2016.

A few minutes on two cores, with flowers drawn by code:
  python -m data_prep --dataset=rendered_flowers --cache_dir=data/rendered_flowers
  python train.py --flagfile=configs/quickstart.cfg --workdir=runs/quickstart

The paper, on Oxford Flowers-102 (a GPU):
  python train.py --flagfile=configs/reed_gan_cls.cfg

The same run again: it goes on where it was stopped. Another value of one flag, after
--flagfile, where the later flag wins:
  python train.py --flagfile=configs/quickstart.cfg --seed=1 --workdir=runs/seed1

The style encoder of a run that has ended, for the style of a photograph:
  python train.py --style_encoder --workdir=runs/quickstart

With scores of the validation classes every 500 steps; the best generator is kept for
generate.py --checkpoint=best:
  python train.py --flagfile=configs/reed_gan_cls.cfg --evaluate_every=500

Watch it with: tensorboard --logdir=runs
"""

from absl import flags

from text_to_image import config
from text_to_image.cli import train

if __name__ == "__main__":
    flags.adopt_module_key_flags(config)
    flags.adopt_module_key_flags(train)
    train.console()
