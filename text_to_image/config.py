"""The configuration of an experiment: one frozen dataclass.

The defaults ARE the paper's hyperparameters (Sec. 5); what departs from them in a
flagfile of `configs/` is listed in docs/differences.md.
"""

import dataclasses
from functools import partial
from typing import Any

from foundation.errors import InputError
from foundation.fields import check_fields, field

# A resumed run may change fields that are `free`: they decide when to report or stop
# and on what machine, not what the weights at a given step are, but for rounding. It
# may also change those that are `recorded`: config.json tells from which step on.
_data = partial(field, group="Data")
_architecture = partial(field, group="Architecture (Sec. 4.1)")
_width = partial(_architecture, lower=0, upper=512)
_text = partial(field, group="Text")
_objective = partial(field, group="Objective (Algorithm 1, Sec. 4.2 and 4.3)")
_optimization = partial(field, group="Optimization (Sec. 5)")
_recorded = partial(_optimization, recorded=True)
_computation = partial(field, group="Computation")
_machine = partial(_computation, free=True)
_reporting = partial(field, group="Reporting", free=True)
_evaluation = partial(field, group="Evaluation while training", free=True)


@dataclasses.dataclass(frozen=True)
class Config:
    """All that decides what a run computes; widths of 0 are the published ones.

    Raises:
        InputError: a value outside its limits.
    """

    cache_dir: str = _data("", "Cache that data_prep wrote.", free=True)
    cache: str = _data(
        "device",
        "device: the training split is put into the device's memory; stream: it is "
        "larger, and batches are read ahead from the disk. The result is the same.",
        choices=("device", "stream"),
        free=True,
    )
    train_splits: str = _data(
        "train",
        "Classes that are trained on; with validation, as for a final model, only the "
        "test classes are unseen.",
        choices=("train", "train,validation"),
    )
    architecture: str = _architecture(
        "reed",
        "reed: the paper's residual Torch networks; dcgan: the TensorFlow variant.",
        choices=("reed", "dcgan"),
    )
    z_dim: int = _architecture(100, "Dimensions of the noise z.", lower=1, upper=4096)
    gf: int = _width(0, "Width of G; 0: 128 (reed), 64 (dcgan).")
    df: int = _width(0, "Width of D; 0: 64.")
    text_features: int = _width(
        0, "Dimensions of the projected text; 0: 128 (reed), 256 (dcgan).", upper=2048
    )
    kernel_size: int = _width(
        0, "Convolution kernels of dcgan; 0: 5 as published, 4 is faster.", upper=31
    )
    upsampling: str = _architecture(
        "transposed",
        "How G doubles the size of its maps: by transposed convolutions, or by nearest "
        "neighbours and 3x3 convolutions, which leave no grid.",
        choices=("transposed", "nearest"),
    )
    conditional: bool = _architecture(
        True, "Whether G and D are given the text at all."
    )
    text_norm: float = _text(
        0.0,
        "Mean norm that caption vectors are standardised and scaled to; 0: the "
        "encoder's own vectors, as the paper.",
        lower=0.0,
    )
    captions_per_image: int = _text(
        1,
        "Captions of an image whose vectors are averaged, drawn anew each time; the "
        "Torch code takes 4.",
        lower=1,
    )
    objective: str = _objective(
        "gan_cls",
        "gan: D sees real and fake pairs; gan_cls: mismatched ones, too; gan_int, "
        "gan_int_cls: G also generates interpolated captions.",
        choices=("gan", "gan_cls", "gan_int", "gan_int_cls"),
    )
    mismatch: str = _objective(
        "text",
        "Mismatched pair: the real image with the text of another class (Algorithm 1, "
        "line 8), or the image of another class with the text (Torch code).",
        choices=("text", "image"),
    )
    wrong_weight: float = _objective(
        0.5, "*_cls: weight of the mismatched pairs in D's loss.", lower=0.0
    )
    fake_weight: float = _objective(
        0.5, "*_cls: weight of the fake pairs in D's loss; else 1.", lower=0.0
    )
    interpolation_weight: float = _objective(
        1.0, "*_int: weight of interpolated captions in G's loss (Eq. 5).", lower=0.0
    )
    interpolation_beta: str = _objective(
        "half",
        "*_int: share of one caption: half; uniform: drawn from U(0, 1); extrapolated: "
        "from U(-0.5, 1.5), the Torch code's interp_type 2.",
        choices=("half", "uniform", "extrapolated"),
    )
    interpolation_batch: str = _objective(
        "own",
        "*_int: own: each caption of the batch with the next, in a pass and a mean of "
        "their own; shared: one half of the batch with the other, in one pass and one "
        "mean with the captions themselves (Torch code).",
        choices=("own", "shared"),
    )
    noise: str = _objective(
        "normal",
        "Distribution of z: N(0, 1) or U(-1, 1).",
        choices=("normal", "uniform"),
    )
    update: str = _objective(
        "simultaneous",
        "simultaneous: G is judged by D as it was before its update, by the same pass "
        "(Algorithm 1 as printed); alternating: by the updated D, in a pass of its own "
        "(Torch code).",
        choices=("simultaneous", "alternating"),
    )
    generator_steps: int = _objective(
        1, "alternating: G updates for one D update.", lower=1
    )
    fresh_noise: bool = _objective(
        True, "alternating: whether each G update draws noise of its own."
    )
    batch_size: int = _recorded(64, "Images a step; may change on resume.", lower=2)
    learning_rate: float = _recorded(2e-4, "Adam's; may change on resume.", above=0.0)
    beta_1: float = _optimization(0.5, "Adam's momentum.", lower=0.0, below=1.0)
    epochs: int = _optimization(600, "Passes over the training images.", lower=1)
    steps: int = _optimization(
        0, "Iterations; 0: as many as --epochs makes.", lower=0, free=True
    )
    decay_epochs: int = _optimization(
        100, "Epochs after which the learning rate is halved; 0: never.", lower=0
    )
    ema_decay: float = _optimization(
        0.0,
        "Decay of the moving average of G that images are made from; 0: off.",
        lower=0.0,
        below=1.0,
    )
    mixed_precision: str = _computation(
        "none",
        "Arithmetic of the networks: none (float32), bfloat16, or float16 with a "
        "dynamic scale of the losses. Weights, losses, logits and batch statistics "
        "stay float32.",
        choices=("none", "bfloat16", "float16"),
    )
    jit_compile: str = _machine(
        "auto",
        "Whether XLA compiles the step; auto: where a GPU is visible.",
        choices=("auto", "on", "off"),
    )
    distribute: str = _machine(
        "none",
        "none: one device; mirrored: all devices of this machine; multiworker: the "
        "machines that TF_CONFIG names. The batch is shared out, the result the same "
        "but for batch norm.",
        choices=("none", "mirrored", "multiworker"),
    )
    sync_batch_norm: bool = _computation(
        False,
        "Whether batch norm takes its statistics from all devices; else each takes "
        "them from its share of the batch.",
    )
    deterministic: bool = _computation(False, "Bit-identical results from run to run.")
    seed: int = _computation(0, "Seed of everything random.", lower=0)
    steps_per_call: int = _reporting(
        20, "Steps in one compiled call; a signal is obeyed after it.", lower=1
    )
    log_every: int = _reporting(100, "Steps between status lines.", lower=1)
    sample_every: int = _reporting(
        500, "Steps between sample grids; 0: never.", lower=0
    )
    checkpoint_every: int = _reporting(500, "Steps between checkpoints.", lower=1)
    keep_checkpoints: int = _reporting(3, "Newest checkpoints that are kept.", lower=1)
    sample_captions_file: str = _reporting(
        "", "Captions, one a line, of the sample grid; empty: from the test classes."
    )
    evaluate_every: int = _evaluation(
        0,
        "Steps between evaluations on the validation classes, one more at the end; the "
        "best generator is kept. 0: never. What one costs: docs/performance.md.",
        lower=0,
    )
    evaluate_images: int = _evaluation(
        500, "Images that an evaluation scores.", lower=10
    )
    feature_model: str = _evaluation(
        "",
        "Evaluation: a Keras model, images 0-255 to features, as PATH.keras, or "
        "inception_v3; empty: scores of pixels only.",
    )
    best_metric: str = _evaluation(
        "auto",
        "What the best generator is best by: the lowest kid, the highest of any other; "
        "auto: kid with --feature_model, color_agreement_balanced without.",
        choices=(
            "auto",
            "kid",
            "r_precision_at_1",
            "r_precision_at_5",
            "color_agreement",
            "color_agreement_balanced",
        ),
    )

    def __post_init__(self) -> None:
        check_fields(self)
        self._check_together()

    def _check_together(self) -> None:
        """Refuses values that each are good, but not with each other."""
        if not self.conditional and self.objective != "gan":
            raise InputError(
                f"--noconditional --objective={self.objective}: expected "
                "--objective=gan, since without text nothing can mismatch"
            )
        if self.distribute != "none" and self.jit_compile == "on":
            raise InputError(
                f"--distribute={self.distribute} --jit_compile=on: expected "
                "--jit_compile=off, since XLA compiles for one device"
            )
        if self.cache == "stream" and len(self.training_splits) > 1:
            raise InputError(
                f"--cache=stream --train_splits={self.train_splits}: expected "
                "--cache=device, since splits are joined in memory"
            )
        if self.update == "alternating":
            return
        needed = {"generator_steps": 1, "fresh_noise": True}
        for name, only in {**needed, "interpolation_batch": "own"}.items():
            if (value := getattr(self, name)) != only:
                raise InputError(
                    f"--{name}={value} --update=simultaneous: expected --{name}={only} "
                    "or --update=alternating"
                )

    @property
    def training_splits(self) -> tuple[str, ...]:
        """Names of the splits that are trained on."""
        return tuple(self.train_splits.split(","))

    @property
    def matches(self) -> bool:
        """Whether D learns to tell mismatched pairs (the CLS of the objective)."""
        return self.objective.endswith("_cls")

    @property
    def interpolates(self) -> bool:
        """Whether G generates interpolated captions, too (the INT of the objective)."""
        return "_int" in self.objective

    @property
    def interpolations(self) -> int:
        """Interpolated captions in a batch of G; half a batch in the Torch code."""
        shared = self.interpolation_batch == "shared"
        return self.batch_size // 2 if shared else self.batch_size

    @property
    def dtype(self) -> str:
        """The Keras dtype policy of the networks."""
        if self.mixed_precision == "none":
            return "float32"
        return f"mixed_{self.mixed_precision}"

    def to_flagfile(self) -> str:
        """Returns the text of a flagfile that describes this, one flag a line."""
        return "".join(
            f"--{name}={str(value).lower() if isinstance(value, bool) else value}\n"
            for name, value in dataclasses.asdict(self).items()
        )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Config":
        """Makes a configuration from `dataclasses.asdict`'s dictionary.

        Raises:
            InputError: a name that is not a field, or a value outside its limits.
        """
        unknown = sorted(set(values) - {each.name for each in dataclasses.fields(cls)})
        if unknown:
            raise InputError(
                f"configuration has unknown fields {unknown}: it was written by "
                "another version of this code; use that version"
            )
        return cls(**values)
