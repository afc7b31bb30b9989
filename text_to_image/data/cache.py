"""The cache of `data_prep`, opened and checked; its format: data_prep/README.md."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from foundation import hints
from foundation.atomic import sha256_of
from foundation.boundary import MEBIBYTE, inside, load_array, load_json, refusing
from foundation.errors import InputError

SCHEMA = 1


@dataclasses.dataclass(frozen=True)
class Split:
    """One split of a cache, memory-mapped.

    Attributes:
        images: uint8 `[N, 76, 76, 3]`.
        embeddings: float16 or float32 `[C, D]`, one row a caption.
        caption_offsets: int64 `[N + 1]`; image i has the captions offsets[i]:[i + 1].
        labels: int32 `[N]`.
        captions: the C captions.
    """

    images: np.ndarray
    embeddings: np.ndarray
    caption_offsets: np.ndarray
    labels: np.ndarray
    captions: list[str]


class Cache:
    """A cache directory, opened and checked against its manifest.

    Args:
        directory: what `python -m data_prep --cache_dir=…` wrote.

    Raises:
        InputError: no cache there, a newer format, or a damaged file.
    """

    def __init__(self, directory: str | Path):
        self.directory = Path(directory)
        path = self.directory / "manifest.json"
        if not path.is_file():
            raise InputError(
                f"--cache_dir={directory}: no manifest.json there, expected a cache. "
                "Build one with: "
                + hints.command(
                    "-m data_prep",
                    "--dataset=rendered_flowers",
                    f"--cache_dir={directory or 'data/rendered_flowers'}",
                )
            )
        with refusing(lambda _: self._broken("manifest.json", "is not a manifest")):
            self.manifest: dict[str, Any] = load_json(path, dict)
            schema = self.manifest["schema"]
        if schema != SCHEMA:
            raise InputError(
                f"{path}: cache format {schema}, expected {SCHEMA}. "
                f"Build it again with: {self._mend()}"
            )
        with refusing(lambda _: self._broken("manifest.json", "is not a manifest")):
            self.dataset = str(self.manifest["dataset"])
            self.text_dim = int(self.manifest["embedding"]["dim"])
            self.encoder_id = str(self.manifest["embedding"]["encoder_id"])
            for split in self.manifest["splits"].values():
                int(split["images"])
            files = self.manifest["files"].items()
            self._files = {
                name: (inside(self.directory, name), int(e["size"]), str(e["sha256"]))
                for name, e in files
            }
        self.encoder_dir = self.directory / "encoder"
        self.manifest_sha256 = sha256_of(path)

    def verify(self) -> None:
        """Compares size and sha256 of every file with the manifest.

        Raises:
            InputError: a file is missing or differs.
        """
        for name, (path, size, sha256) in self._files.items():
            if not path.is_file():
                raise self._broken(name, "is missing")
            found = path.stat().st_size
            if found != size:
                raise self._broken(name, f"has {found} bytes, expected {size}")
            if sha256_of(path) != sha256:
                raise self._broken(name, f"is damaged, expected sha256 {sha256}")

    def split(self, name: str) -> Split:
        """Opens one split without reading it into memory."""
        folder = self.directory / name

        def array(file: str) -> np.ndarray:
            return load_array(folder / f"{file}.npy", mapped=True)

        def told(reason: str) -> InputError:
            return self._broken(name, f"cannot be read ({reason})")

        with refusing(told):
            return Split(
                images=array("images"),
                embeddings=array("embeddings"),
                caption_offsets=array("caption_offsets"),
                labels=array("labels"),
                captions=load_json(folder / "captions.json", list, 256 * MEBIBYTE),
            )

    def joined(self, names: Sequence[str]) -> Split:
        """Opens splits as one; more than one are read into memory.

        Labels count through the classes of the whole data set and stay as they are.
        """
        splits = [self.split(name) for name in names]
        if len(splits) == 1:
            return splits[0]
        counts = np.concatenate([np.diff(split.caption_offsets) for split in splits])
        return Split(
            images=np.concatenate([split.images for split in splits]),
            embeddings=np.concatenate([split.embeddings for split in splits]),
            caption_offsets=np.append(0, np.cumsum(counts)),
            labels=np.concatenate([split.labels for split in splits]),
            captions=[caption for split in splits for caption in split.captions],
        )

    def _broken(self, name: str, what: str) -> InputError:
        return InputError(
            f"--cache_dir={self.directory}: {name} {what}. "
            f"Build the cache again with: {self._mend()}"
        )

    def _mend(self) -> str:
        dataset = getattr(self, "manifest", {}).get("dataset", "rendered_flowers")
        arguments = (f"--dataset={dataset}", f"--cache_dir={self.directory}")
        return hints.command("-m data_prep", *arguments, "--overwrite")
