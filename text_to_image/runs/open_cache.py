"""Opens the cache that a run or a released model is measured on."""

from pathlib import Path

from foundation import hints
from foundation.errors import InputError
from text_to_image.data.cache import Cache
from text_to_image.runs.directory import RunDescription
from text_to_image.runs.released import ENCODER, is_released_model


def open_cache(
    path: str | Path, description: RunDescription, cache_dir: str = ""
) -> Cache:
    """Opens a cache whose caption vectors are those that the model reads.

    Args:
        path: of the run or the released model.
        description: of the run.
        cache_dir: where the cache is. Of a run, empty: where it was. Of a released
            model, that of its run, or one that was made with `path/encoder`.

    Raises:
        InputError: no cache there, or another one.
    """
    if is_released_model(path):
        return _cache_of_released(Path(path), description, cache_dir)
    cache = Cache(cache_dir or description.config.cache_dir)
    if cache.manifest_sha256 != description.manifest_sha256:
        raise InputError(
            f"--cache_dir={cache.directory}: not the cache that {path} was trained "
            "on; name that one with --cache_dir"
        )
    return cache


def _cache_of_released(
    path: Path, description: RunDescription, cache_dir: str
) -> Cache:
    make = hints.command(
        "-m data_prep",
        f"--dataset={description.dataset}",
        f"--encoder={path / ENCODER}",
        f"--cache_dir={cache_dir or 'data/X'}",
    )
    if not cache_dir:
        raise InputError(
            f"{path} is a released model, which names no cache: expected one made "
            f"with its encoder, by --cache_dir. Make it with: {make}"
        )
    cache = Cache(cache_dir)
    same_text = cache.encoder_id == description.encoder_id
    same_run = cache.manifest_sha256 == description.manifest_sha256
    if cache.dataset != description.dataset or not (same_text or same_run):
        raise InputError(
            f"--cache_dir={cache_dir}: {cache.dataset} with encoder "
            f"{cache.encoder_id[:12]}, expected {description.dataset} with encoder "
            f"{description.encoder_id[:12]}. Make it with: {make}"
        )
    return cache
