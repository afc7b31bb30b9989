"""`train.py`: flags, one call of what trains, and the next command."""

import math
from typing import TYPE_CHECKING

from absl import flags

from foundation import hints
from foundation.command_line import run
from foundation.errors import InputError
from text_to_image.cli.config_flags import config_from_flags, define_flags
from text_to_image.config import Config

if TYPE_CHECKING:
    import keras

define_flags()
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Run directory; a run that is there is resumed.", required=True
)
_DRY_RUN = flags.DEFINE_bool(
    "dry_run", False, "Check the data, print what would run, write nothing."
)
_STYLE_ENCODER = flags.DEFINE_bool(
    "style_encoder",
    False,
    "Train the style encoder of the finished run in --workdir instead of a GAN "
    "(Sec. 4.4). It reads --steps (0: 2000), --batch_size, --learning_rate, --seed and "
    "--cache_dir (empty: the run's); the rest is as in the run.",
)

_CAPTION = "--caption=this flower has pink petals and a yellow center"


def main(argv: list[str]) -> None:
    """Trains the configuration that the flags describe."""
    if len(argv) > 1:
        raise InputError(
            f"{argv[1]!r}: expected flags only, as --flagfile=configs/quickstart.cfg"
        )
    config = config_from_flags()
    if _STYLE_ENCODER.value:
        _train_style_encoder(config)
        return
    if _DRY_RUN.value:
        _print_plan(config)
        return
    # After the flags are read: a mistyped one should not wait for TensorFlow.
    from text_to_image.training.loop import train

    grid = train(config, _WORKDIR.value)
    print(f"pictures: {grid}")
    asked = _CAPTION if config.conditional else "--seeds=0-63"
    arguments = (f"--workdir={_WORKDIR.value}", asked, "--outdir=pictures")
    print(f"next: {hints.command('generate.py', *arguments)}")


def _train_style_encoder(flag_values: Config) -> None:
    """Trains the style encoder of a run and prints how well it inverts G."""
    if _DRY_RUN.value:
        raise InputError("--dry_run --style_encoder: expected only one of the two")
    from text_to_image.style.inversion import StyleEncoderConfig, train_style_encoder

    config = StyleEncoderConfig(
        steps=flag_values.steps or StyleEncoderConfig.steps,
        batch_size=flag_values.batch_size,
        learning_rate=flag_values.learning_rate,
        seed=flag_values.seed,
    )
    result = train_style_encoder(_WORKDIR.value, config, flag_values.cache_dir)
    print(
        f"style encoder of step {result['step']}: R^2 {result['r2']:.3f} on "
        f"{result['n']} pictures of test captions (mean squared error of a dimension "
        f"{result['mse']:.3f}, of their mean {result['mse_of_mean']:.3f})"
    )
    arguments = (f"--workdir={_WORKDIR.value}", "--style_image=photo.jpg", _CAPTION)
    print(f"next: {hints.command('generate.py', *arguments)}")


def _print_plan(config: Config) -> None:
    """Checks what a run needs and prints what it would do."""
    from text_to_image.data.cache import Cache
    from text_to_image.gan import GAN
    from text_to_image.runs.directory import RunDirectory
    from text_to_image.training.loop import describe

    cache = Cache(config.cache_dir)
    cache.verify()
    description, steps = describe(config, cache)
    run_directory = RunDirectory(_WORKDIR.value)
    resumed = run_directory.has_progress()
    if resumed:
        run_directory.check_resumable(description)
    gan = GAN(config, cache.text_dim, description.steps_per_epoch)
    print(config.to_flagfile(), end="")
    for name in config.training_splits:
        print(f"data set            {cache.dataset}, {cache.manifest['splits'][name]}")
    print(f"caption vectors     {cache.text_dim} dimensions")
    print(f"parameters of G     {_parameters(gan.generator):,}")
    print(f"parameters of D     {_parameters(gan.discriminator):,}")
    print(f"steps               {steps} of {description.steps_per_epoch} an epoch")
    print(f"would {'resume' if resumed else 'begin'}         {_WORKDIR.value}")


def _parameters(model: "keras.Model") -> int:
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def console() -> None:
    """The console script `t2i-train`."""
    run(main)
