"""The files of the original skip-thoughts release, made an encoder's directory.

In: `dictionary.txt`, line i the word of row i; `utable.npy` and `btable.npy`, pickled
arrays of V float32 rows `[W]`; `uni_skip.npz` and `bi_skip.npz`, the weights of the
GRUs; and a pickle of options next to each. Out: what `SkipThoughtEncoder.load` reads.
"""

import hashlib
import reprlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from foundation.atomic import new_directory
from foundation.boundary import open_arrays, open_regular, read_bytes, reading
from foundation.errors import InputError
from skipthoughts.config import EncoderConfig
from skipthoughts.release import restricted_unpickler
from skipthoughts.release.tables import (
    AGAIN,
    DICTIONARY,
    DICTIONARY_MD5,
    read_header,
    write_table,
)
from skipthoughts.text_files import read_lines
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import EOS, UNKNOWN, Vocabulary

TABLES = {"uni": "utable.npy", "bi": "btable.npy"}
PARAMETERS = {"uni": "uni_skip.npz", "bi": "bi_skip.npz"}
OPTIONS = {"uni": "uni_skip.npz.pkl", "bi": "bi_skip.npz.pkl"}
PREFIXES = {"uni": ("encoder",), "bi": ("encoder", "encoder_r")}  # one a direction


def import_release(
    release: Path,
    output: Path,
    vocabulary_from: Path | None = None,
    lowercase: bool = False,
    use_eos: bool = False,
) -> None:
    """Converts a release; no more than one table is in memory at a time.

    Args:
        release: the directory of the seven files.
        output: a new or empty directory, or that of an encoder, which is replaced.
        vocabulary_from: a text file; only the words in it are kept. None: all.
        lowercase: whether the encoder lower-cases sentences; the original does not.
        use_eos: whether it reads `<eos>` after the last word; off as published.

    Raises:
        InputError: a file is missing, damaged, or not one of the release; or the output
            cannot be written, and is as it was.
    """
    try:
        _check_files(release)
        config = read_config(release, lowercase, use_eos)
        words = read_dictionary(release / DICTIONARY)
        for name in TABLES.values():
            read_header(release / name, len(words))
        weights = {
            name: read_weights(release / PARAMETERS[name], name, config)
            for name in config.parts
        }
        rows = _rows_in_use(words, vocabulary_from, config)
        # Here, after the mistakes that are found at once: TensorFlow takes seconds.
        from skipthoughts.encoder_directory import check_output

        check_output(output)
        with new_directory(output) as incomplete:
            _write(release, incomplete, config, words, rows, weights)
    except OSError as error:
        raise InputError(
            f"{error.filename or output}: {error.strerror or error}; expected files "
            "that can be read, and an output directory on a disk with space"
        ) from error


def _check_files(release: Path) -> None:
    groups = (TABLES, PARAMETERS, OPTIONS)
    for name in (DICTIONARY, *(name for group in groups for name in group.values())):
        if not (release / name).is_file():
            raise InputError(f"{release / name}: missing; {AGAIN}")


def read_config(release: Path, lowercase: bool, use_eos: bool) -> EncoderConfig:
    """Reads both pickles of options.

    Raises:
        InputError: one lacks a size, or the two do not belong together.
    """
    sizes = {}
    for part, name in OPTIONS.items():
        path = release / name
        with reading(path, f"a pickle of options, {AGAIN}"), open_regular(path) as file:
            options = restricted_unpickler.load(file, path)
        for key in ("dim", "dim_word"):
            value = options.get(key) if isinstance(options, dict) else None
            if not isinstance(value, int) or value < 1:
                raise InputError(
                    f"{path}: {key} is {reprlib.repr(value)[:40]}, expected a number "
                    f"from 1; {AGAIN}"
                )
            sizes[part, key] = value
    dim, word_dim = sizes["uni", "dim"], sizes["uni", "dim_word"]
    if (2 * sizes["bi", "dim"], sizes["bi", "dim_word"]) != (dim, word_dim):
        raise InputError(
            f"{release / OPTIONS['bi']}: dim is 2 x {sizes['bi', 'dim']}, dim_word "
            f"{sizes['bi', 'dim_word']}, but {dim} and {word_dim} in {OPTIONS['uni']}; "
            "expected the same, as both files of one release have"
        )
    return EncoderConfig(
        kind="combine",
        dim=dim,
        word_dim=word_dim,
        tokenizer="treebank",
        lowercase=lowercase,
        use_eos=use_eos,
    )


def read_dictionary(path: Path) -> list[str]:
    """Reads the words in the order of their rows.

    Raises:
        InputError: the file is damaged: not UTF-8, or without `<eos>` or `UNK`.
    """
    content = read_bytes(path, f"one word a line, {AGAIN}")
    try:
        # Words may hold Unicode's line separators, at which splitlines() would split.
        lines = content.removesuffix(b"\n").split(b"\n")
        words = [line.decode("utf-8").strip() for line in lines]
        for special in (EOS, UNKNOWN):
            if special not in words:
                raise ValueError(f"{len(words)} words without {special}")
    except ValueError as error:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        raise InputError(
            f"{path}: damaged ({error}), its md5 is {md5}, that of the published file "
            f"{DICTIONARY_MD5}; {AGAIN}"
        ) from error
    return words


def read_weights(
    path: Path, part: str, config: EncoderConfig
) -> list[list[np.ndarray]]:
    """Reads the GRUs of "uni" or "bi".

    Returns:
        For each direction, D dimensions, what `keras.layers.GRU` has: kernel
        `[W, 3 D]`, recurrent kernel `[D, 3 D]` and bias `[2, 3 D]`, float32.

    Raises:
        InputError: a parameter is missing or has another shape.
    """
    dim, word_dim = config.dim // len(PREFIXES[part]), config.word_dim
    shapes: dict[str, tuple[int, ...]] = {
        "W": (word_dim, 2 * dim),
        "U": (dim, 2 * dim),
        "b": (2 * dim,),
        "Wx": (word_dim, dim),
        "Ux": (dim, dim),
        "bx": (dim,),
    }
    key = "the archive"
    try:
        with open_arrays(path) as archive:
            weights = []
            for prefix in PREFIXES[part]:
                values = {}
                for name, shape in shapes.items():
                    key = f"{prefix}_{name}"
                    values[name] = _checked(archive[key], shape)
                weights.append(_gru_weights(values))
            return weights
    except Exception as error:  # a damaged archive makes zipfile raise almost anything
        reason = str(error).split("\n")[0][:120]
        problem = "missing" if isinstance(error, KeyError) else f"damaged ({reason})"
        raise InputError(
            f"{path}: {key} is {problem}; expected the sizes of {OPTIONS[part]}, "
            f"{AGAIN}"
        ) from error


def _checked(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if array.shape != shape or array.dtype.kind != "f":
        raise ValueError(f"{array.dtype} {array.shape}, expected float32 {shape}")
    return array.astype(np.float32)


def _gru_weights(values: dict[str, np.ndarray]) -> list[np.ndarray]:
    def gates(both: np.ndarray, candidate: np.ndarray) -> np.ndarray:
        # The release has the reset gate first, Keras the update gate.
        reset, update = np.split(both, 2, axis=-1)
        return np.concatenate([update, reset, candidate], axis=-1)

    bias = gates(values["b"], values["bx"])
    return [
        gates(values["W"], values["Wx"]),
        gates(values["U"], values["Ux"]),
        np.stack([bias, np.zeros_like(bias)]),  # none inside the recurrence
    ]


def _rows_in_use(
    words: list[str], vocabulary_from: Path | None, config: EncoderConfig
) -> Sequence[int]:
    """Returns the rows to keep, in the order of the dictionary."""
    if vocabulary_from is None:
        return range(len(words))
    used = {EOS, UNKNOWN}
    for line in tqdm(read_lines(vocabulary_from), "captions", disable=None):
        used.update(tokenize(line, config.lowercase, config.tokenizer))
    last = {word: row for row, word in enumerate(words) if word in used}
    return sorted(last.values())


def _write(
    release: Path,
    directory: Path,
    config: EncoderConfig,
    words: list[str],
    rows: Sequence[int],
    weights: dict[str, list[list[np.ndarray]]],
) -> None:
    """Writes the encoder; the maps of its tables are gone when it returns."""
    from skipthoughts.encoder import SkipThoughtEncoder
    from skipthoughts.part import Part, make_model

    parts = []
    for name in config.parts:
        target = directory / f"{name}.words.npy"
        write_table(release / TABLES[name], target, words, rows, config.word_dim)
        table = np.load(target, mmap_mode="r", allow_pickle=False)
        part = Part(name, table, make_model(name, config, blank=True))
        for (gru, _), values in zip(part.directions(), weights[name], strict=True):
            gru.set_weights(values)
        parts.append(part)
    vocabulary = Vocabulary([words[row] for row in rows])
    SkipThoughtEncoder(config, vocabulary, parts).save_around_tables(directory)
