"""What an encoder is and how it is trained; imports no TensorFlow, for the flags."""

import dataclasses
import math

from foundation.errors import InputError
from foundation.fields import check_types

PARTS = ("uni", "bi")
KINDS = (*PARTS, "combine")
TOKENIZERS = ("words", "treebank")
_WIDEST = 8192  # dimensions; the original has 2,400


@dataclasses.dataclass(frozen=True)
class EncoderConfig:
    """What an encoder is.

    Attributes:
        kind: "uni", one forward GRU; "bi", a forward and a backward one of half the
            size; "combine", both, each normalised on its own, side by side.
        dim: dimensions of uni and of bi; combine has twice as many.
        word_dim: dimensions of the word vectors.
        tokenizer: how sentences are split, see `tokenizer.py`: "words", or "treebank"
            as the original release.
        lowercase: whether sentences are lower-cased; the original's are not.
        use_eos: whether `<eos>` is read after the last word; off as published.
    """

    kind: str = "combine"
    dim: int = 256
    word_dim: int = 256
    tokenizer: str = "words"
    lowercase: bool = True
    use_eos: bool = False

    def __post_init__(self) -> None:
        check_types(self)
        if self.kind not in KINDS:
            raise InputError(f"kind={self.kind}: expected one of {', '.join(KINDS)}")
        if not 2 <= self.dim <= _WIDEST or self.dim % 2:
            raise InputError(
                f"dim={self.dim}: expected an even number from 2 to {_WIDEST:,}"
            )
        if self.tokenizer not in TOKENIZERS:
            raise InputError(
                f"tokenizer={self.tokenizer}: expected one of {', '.join(TOKENIZERS)}"
            )
        if not 1 <= self.word_dim <= _WIDEST:
            raise InputError(
                f"word_dim={self.word_dim}: expected a number from 1 to {_WIDEST:,}"
            )

    @property
    def parts(self) -> tuple[str, ...]:
        """The models side by side: uni, bi, or both."""
        return PARTS if self.kind == "combine" else (self.kind,)


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """How an encoder is trained.

    Attributes:
        encoder: what is trained.
        vocabulary_size: the most words, the two special ones included.
        steps: updates; for combine, of uni and of bi each, which are trained apart.
        batch_size: sentences an update; 128 as published, but an update of 32 teaches
            as much here for a quarter of the time.
        learning_rate: Adam's. The published 2e-4 is for weeks of books; a short run
            on captions needs more: at 1e-3 the vectors hardly tell sentences apart yet.
        clip_norm: the most that the global norm of the gradient may be.
        max_length: words of a sentence that are trained on.
        seed: of everything random.
    """

    encoder: EncoderConfig = dataclasses.field(default_factory=EncoderConfig)
    vocabulary_size: int = 20_000
    steps: int = 400
    batch_size: int = 32
    learning_rate: float = 3e-3
    clip_norm: float = 5.0
    max_length: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        check_types(self)
        least = {"vocabulary_size": 2, "steps": 1, "batch_size": 1, "max_length": 1}
        for name, minimum in {**least, "seed": 0}.items():
            value = getattr(self, name)
            if not minimum <= value < 2**31:
                raise InputError(f"{name}={value}: expected a number from {minimum}")
        for name in ("learning_rate", "clip_norm"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise InputError(f"{name}={value}: expected a number above 0")


@dataclasses.dataclass(frozen=True)
class TripletConfig(TrainingConfig):
    """How an encoder is trained by triplets: `TrainingConfig`, and a margin.

    `vocabulary_size` does not matter where the words of another encoder are taken.

    Attributes:
        batch_size: pairs of captions an update; negatives are sought among them.
        learning_rate: Adam's.
        margin: by how much the squared distance (0 to 4) to a caption of another class
            should exceed that to one of the same image; 0.2 as in FaceNet.
    """

    batch_size: int = 64
    learning_rate: float = 1e-3
    margin: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 2:
            raise InputError(
                f"batch_size={self.batch_size}: expected a number from 2, since "
                "negatives are sought in the batch"
            )
        if not 0 < self.margin < 4:
            raise InputError(
                f"margin={self.margin}: expected a number above 0 and below 4"
            )
