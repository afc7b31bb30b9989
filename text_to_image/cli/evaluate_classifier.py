r"""Trains a classifier of the training classes, for the inception score.

python evaluate.py classifier --cache_dir=data/flowers102 --output=classifier.keras
python evaluate.py scores --workdir=runs/flowers102_cpu \
      --classifier=classifier.keras
"""

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group

group("Classifier")
_CACHE_DIR = flags.DEFINE_string(
    "cache_dir", None, "Cache with images and classes.", required=True
)
_OUTPUT = flags.DEFINE_string("output", "classifier.keras", "The file to write.")
_SEED = flags.DEFINE_integer("seed", 0, "Seed of everything random.", lower_bound=0)


def main(argv: list[str]) -> None:
    """Trains the classifier and prints how well it does on held-out images."""
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r}: expected flags only, as --cache_dir=data/X")
    from text_to_image.data.cache import Cache
    from text_to_image.evaluations.flower_classifier import train_classifier

    cache, output = Cache(_CACHE_DIR.value), _OUTPUT.value
    result = train_classifier(cache, output, _SEED.value)
    print(
        f"{output}: names the right one of {result['classes']} training classes of "
        f"{cache.dataset} for {result['accuracy']:.1%} of {result['held_out']} "
        f"held-out images, chance {result['chance']:.1%}; seed {_SEED.value}, sha256 "
        f"{result['sha256']}"
    )
    arguments = ("scores", "--workdir=RUN", f"--classifier={output}")
    print(f"next: {hints.command('evaluate.py', *arguments)}")
