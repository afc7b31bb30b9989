r"""Converts the original release of skip-thoughts to an encoder.

The release is seven files, from http://www.cs.toronto.edu/~rkiros/models/:
dictionary.txt, utable.npy, btable.npy, uni_skip.npz, uni_skip.npz.pkl, bi_skip.npz and
bi_skip.npz.pkl. Its files are pickled; nothing that they name is run.

All 930,911 words, 4.6 GB on disk:
  python -m skipthoughts import --release=models --output=encoder

Only the words of your captions, a few megabytes:
  python -m skipthoughts import --release=models --output=encoder \
      --vocabulary_from=captions.txt

Vectors are the published ones: as there, case matters and <eos> is not read. The
authors recommend --eos for sentences without a full stop; --lowercase is ours.
"""

from pathlib import Path

from absl import flags

from foundation import hints
from foundation.errors import InputError
from foundation.flag_help import group

group("Import")
_RELEASE = flags.DEFINE_string(
    "release", None, "Directory of the release's seven files.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "The encoder's directory.", required=True)
_VOCABULARY_FROM = flags.DEFINE_string(
    "vocabulary_from", "", "Text file; only the words in it are kept. Empty: all."
)
_EOS = flags.DEFINE_bool("eos", False, "Whether <eos> is read after the last word.")
_LOWERCASE = flags.DEFINE_bool("lowercase", False, "Whether case is ignored.")


def main(argv: list[str]) -> None:
    """Converts the release that the flags name."""
    if len(argv) > 1:
        raise InputError(f"{argv[1]!r}: expected flags only, as --release=models")
    from skipthoughts.release.conversion import import_release

    import_release(
        Path(_RELEASE.value),
        Path(_OUTPUT.value),
        Path(_VOCABULARY_FROM.value) if _VOCABULARY_FROM.value else None,
        lowercase=_LOWERCASE.value,
        use_eos=_EOS.value,
    )
    # Imports TensorFlow, which takes seconds.
    from skipthoughts.encoder import SkipThoughtEncoder

    encoder = SkipThoughtEncoder.load(_OUTPUT.value)
    print(
        f"encoder: {_OUTPUT.value}, {encoder.dim} dimensions, "
        f"{len(encoder.vocabulary)} words, id {encoder.id[:12]}"
    )
    arguments = ("--input=sentences.txt", "--output=vectors.npy")
    encode = ("-m skipthoughts", "encode", f"--encoder={_OUTPUT.value}", *arguments)
    print(f"next: {hints.command(*encode)}")
