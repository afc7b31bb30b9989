"""Trains the text-to-image GAN of Reed et al. 2016.

A few minutes on two cores, with flowers drawn by code:
  python -m data_prep --dataset=rendered_flowers --cache_dir=data/rendered_flowers
  python train.py --flagfile=configs/quickstart.cfg --workdir=runs/quickstart

The paper, on Oxford Flowers-102 (a GPU):
  python train.py --flagfile=configs/reed_gan_cls.cfg

Rerun the same command to resume. Flags after --flagfile override it:
  python train.py --flagfile=configs/quickstart.cfg --seed=1 --workdir=runs/seed1

With scores of the validation classes every 500 steps; the best generator is kept for
generate.py --checkpoint=best:
  python train.py --flagfile=configs/reed_gan_cls.cfg --evaluate_every=500

Watch it with: tensorboard --logdir=runs
"""

import math
from typing import TYPE_CHECKING

from absl import flags, logging

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group
from text_to_image.cli.config_flags import (
    config_from_flags,
    define_flags,
    without_effect,
)
from text_to_image.config import Config

if TYPE_CHECKING:
    import keras

group("Run")
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Run directory; a run that is there is resumed.", required=True
)
_DRY_RUN = flags.DEFINE_bool(
    "dry_run", False, "Check the data, print what would run, write nothing."
)
define_flags(Config)


def main(argv: list[str]) -> None:
    """Trains the configuration that the flags describe."""
    if len(argv) > 1:
        raise InputError(
            f"{argv[1]!r}: expected flags only, as --flagfile=configs/quickstart.cfg"
        )
    config = config_from_flags(Config)
    for line in without_effect(config):
        logging.warning(line)
    if _DRY_RUN.value:
        _print_plan(config)
        return
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.training.loop import train

    grid = train(config, _WORKDIR.value)
    print(f"images: {grid}")
    caption = "--caption=this flower has pink petals and a yellow center"
    asked = caption if config.conditional else "--seeds=0-63"
    arguments = (f"--workdir={_WORKDIR.value}", asked, "--outdir=pictures")
    print(f"next: {hints.command('generate.py', *arguments)}")


def _print_plan(config: Config) -> None:
    """Checks what a run needs and prints what it would do."""
    from text_to_image.data.cache import Cache
    from text_to_image.gan import GAN
    from text_to_image.runs.directory import RunDirectory
    from text_to_image.training.preparation import check_run, describe, finished_step

    cache = Cache(config.cache_dir)
    cache.verify()
    description, steps = describe(config, cache)
    run_directory = RunDirectory(_WORKDIR.value)
    check_run(config, cache, run_directory)
    gan = GAN(config, cache.text_dim, description.steps_per_epoch)
    print(config.to_flagfile(), end="")
    for name in config.training_splits:
        print(f"data set            {cache.dataset}, {cache.manifest['splits'][name]}")
    print(f"caption vectors     {cache.text_dim} dimensions")
    print(f"parameters of G     {_parameters(gan.generator):,}")
    print(f"parameters of D     {_parameters(gan.discriminator):,}")
    print(f"steps               {steps} of {description.steps_per_epoch} an epoch")
    if finished_step(run_directory, description, steps):
        print(f"nothing to do       {_WORKDIR.value} is trained already")
    else:
        resumed = run_directory.has_progress()
        print(f"would {'resume' if resumed else 'begin'}         {_WORKDIR.value}")


def _parameters(model: "keras.Model") -> int:
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)
