"""Reads files with flipped, cut and inserted bytes: `python fuzz.py FORMAT CASES SEED`.

Prints the number of each case before it is read, so that the last one is known where a
library ends the process, and a line for whatever is neither read nor refused.
"""

import io
import pickle
import sys
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2]))

from foundation.boundary import load_array, open_arrays, read_json, reading
from foundation.errors import InputError

MANIFEST = {"schema": 1, "files": {"a/b.npy": {"size": 1, "sha256": "0"}}, "x": [1.5]}


def npy(folder):
    np.save(folder / "f.npy", np.arange(60, dtype=np.float32).reshape(5, 12))

    def read(path):
        with reading(path, "an array"):
            load_array(path)

    return folder / "f.npy", read


def npz(folder):
    arrays = {"generator_000": np.ones((3, 4), "f4"), "made_from": np.array("x")}
    np.savez_compressed(folder / "f.npz", **arrays)

    def read(path):
        with reading(path, "arrays"), open_arrays(path) as found:
            for name in arrays:
                found[name]

    return folder / "f.npz", read


def description(folder):
    import dataclasses
    import json

    from text_to_image import Config
    from text_to_image.runs.directory import RunDescription, RunDirectory

    values = RunDescription(Config(), 16, "0" * 64, "rendered_flowers", "1" * 64, 10)
    content = {**dataclasses.asdict(values), "packages": {}, **MANIFEST}
    for name in MANIFEST:
        del content[name]
    (folder / "config.json").write_text(json.dumps({**content}))

    def read(path):
        read_json(path, dict, "a description")
        RunDirectory(folder).read_description()

    return folder / "config.json", read


def metrics(folder):
    from text_to_image.runs.directory import RunDirectory

    (folder / "metrics.jsonl").write_text('{"step": 1, "loss/d": 0.5}\n' * 5)
    return folder / "metrics.jsonl", lambda path: RunDirectory(folder).read_metrics()


def word_vectors(folder):
    from skipthoughts.words.vectors import read_word_vectors

    rows = "".join(f"word{i} 0.5 -1.25 3e-2\n" for i in range(20))
    (folder / "f.txt").write_text(f"20 3\n{rows}")
    return folder / "f.txt", lambda path: list(read_word_vectors(path))


def binary_word_vectors(folder):
    from skipthoughts.words.vectors import read_word_vectors

    row = np.array([0.5, -1.25, 3e-2], "<f4").tobytes()
    content = b"".join(b"word%d " % i + row + b"\n" for i in range(20))
    (folder / "f.bin").write_bytes(b"20 3\n" + content)
    return folder / "f.bin", lambda path: list(read_word_vectors(path))


def vocabulary(folder):
    from skipthoughts.vocabulary import Vocabulary

    (folder / "f.txt").write_text("<eos>\nUNK\nred\nflöwer\n" + "word\n" * 10, "utf-8")
    return folder / "f.txt", Vocabulary.load


def captions(folder):
    from text_to_image.generation.captions import read_captions

    (folder / "f.txt").write_text("a red flower\na blüe flower\n" * 5, "utf-8")
    return folder / "f.txt", lambda path: read_captions(str(path))


def images(folder):
    from data_prep.images import decode

    kinds = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
    noise = np.random.default_rng(0).integers(0, 255, (40, 30, 3), np.uint8)
    contents = []
    for kind in kinds:
        file = io.BytesIO()
        Image.fromarray(noise).save(file, kind)
        contents.append(file.getvalue())
    (folder / "f").write_bytes(contents[0])
    turn = iter(range(1 << 30))

    def read(path):
        # Of another kind each time; the damage is that of the first.
        damaged = path.read_bytes()
        number = next(turn)
        content = bytearray(contents[number % len(kinds)])
        place = number * 37 % len(content)
        content[place : place + 16] = damaged[place % 64 : place % 64 + 16]
        for candidate in (damaged, bytes(content)):
            try:
                decode(candidate)
            except ValueError:  # as documented: a caller names the image
                continue

    return folder / "f", read


def tar(folder):
    from data_prep.flowers102_captions.captions_archive import read_captions_archive

    members = {
        f"text_c10/class_0000{i}/image_0000{i}.txt": b"a red flower\n"
        for i in (1, 2, 3)
    }
    for i, name in enumerate(("train", "val", "test"), start=1):
        members[f"{name}classes.txt"] = b"class_0000%d\n" % i
    with tarfile.open(folder / "f.tar.gz", "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return folder / "f.tar.gz", read_captions_archive


def plain_tar(folder):
    path, read = tar(folder)
    with tarfile.open(path) as archive, tarfile.open(folder / "f.tar", "w") as plain:
        for member in archive:
            plain.addfile(member, archive.extractfile(member))
    return folder / "f.tar", read


def mat(folder):
    import scipy.io

    from data_prep.flowers102_captions.builder import _read_labels

    scipy.io.savemat(folder / "f.mat", {"labels": np.arange(1, 50)})
    return folder / "f.mat", _read_labels


def pickled(folder):
    from skipthoughts.release import restricted_unpickler

    values = {"dim": 3, "rows": [np.ones(3, "f4")] * 3, "t": (1, (2, "x")), "s": {1}}
    (folder / "f.pkl").write_bytes(pickle.dumps(values, 2))

    def read(path):
        with path.open("rb") as file:
            restricted_unpickler.load(file, path)

    return folder / "f.pkl", read


def _encoder(folder):
    from skipthoughts.config import EncoderConfig
    from skipthoughts.encoder import SkipThoughtEncoder
    from skipthoughts.vocabulary import Vocabulary

    config = EncoderConfig(kind="uni", dim=4, word_dim=3)
    encoder = SkipThoughtEncoder.untrained(config, Vocabulary(["<eos>", "UNK", "red"]))
    encoder.save(folder / "encoder")
    return lambda path: SkipThoughtEncoder.load(folder / "encoder")


def h5(folder):
    read = _encoder(folder)
    return folder / "encoder/uni.weights.h5", read


def encoder_description(folder):
    read = _encoder(folder)
    return folder / "encoder/config.json", read


def keras_file(folder):
    import keras

    from text_to_image.evaluations.feature_model import FeatureModel

    inputs = keras.Input((None, None, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 1)(inputs))
    keras.Model(inputs, pooled).save(folder / "f.keras")
    # Deflated members hide damage from their readers; stored ones show it to them.
    with zipfile.ZipFile(folder / "f.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(folder / "f.keras", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / "f.keras", FeatureModel.load


def _checkpoints(folder):
    import keras

    from foundation.checkpoints import Checkpoints

    step = keras.Variable(3, dtype="int64", trainable=False)
    layer = keras.layers.Dense(4)
    layer.build((None, 3))
    found = Checkpoints(folder, {"layer": layer, "step": step}, step)
    found.save()
    return lambda path: found.restore_step(3)


def checkpoint_index(folder):
    read = _checkpoints(folder)
    return folder / "ckpt-3.index", read


def checkpoint_data(folder):
    read = _checkpoints(folder)
    return folder / "ckpt-3.data-00000-of-00001", read


FORMATS = {
    f.__name__: f
    for f in (
        *(npy, npz, description, metrics, word_vectors, binary_word_vectors),
        *(vocabulary, captions, images, tar, plain_tar, mat, pickled),
        *(h5, encoder_description, keras_file, checkpoint_index, checkpoint_data),
    )
}


def damaged(content, rng):
    """Returns content with some bytes flipped, cut, inserted, repeated or zeroed."""
    content = bytearray(content)
    place = int(rng.integers(len(content)))
    length = int(rng.integers(1, 1 + min(64, len(content))))
    kind = rng.integers(6)
    if kind == 0:
        return bytes(content[:place])
    if kind == 1:
        content[place : place + length] = bytes(len(content[place : place + length]))
    elif kind == 2:
        content[place:place] = rng.integers(0, 256, length, np.uint8).tobytes()
    elif kind == 3:
        content[place:place] = content[place : place + length] * 3
    elif kind == 4:
        del content[place : place + length]
    else:
        for _ in range(int(rng.integers(1, 8))):
            content[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
    return bytes(content)


def main(name, cases, seed):
    """Reads so many damaged files of a format."""
    warnings.simplefilter("ignore")  # of what is odd, but read
    rng = np.random.default_rng([seed, sorted(FORMATS).index(name)])
    with tempfile.TemporaryDirectory() as folder:
        path, read = FORMATS[name](Path(folder))
        whole = path.read_bytes()
        read(path)
        for case in range(cases):
            print(f"case {case}", flush=True)
            path.write_bytes(damaged(whole, rng))
            try:
                read(path)
            except InputError as error:
                if "\n" in str(error) or len(str(error)) > 2000:
                    print(f"FAULT {name} {case}: not one line: {str(error)[:200]!r}")
            except Exception as error:
                text = f"{type(error).__name__}: {str(error)[:200]!r}"
                print(f"FAULT {name} {case}: {text}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
