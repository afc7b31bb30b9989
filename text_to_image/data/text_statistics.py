"""How caption vectors are scaled for a training split."""

import numpy as np

from text_to_image.data.cache import Split


def text_statistics(split: Split, norm: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns what maps caption vectors to mean 0, equal variances and a given norm.

    The scale of the text decides between two failures: small vectors bind late, large
    ones drown the noise (`text_norm` of the configuration).

    Args:
        split: the training split.
        norm: root mean square norm of the result; 0 leaves vectors as they are.

    Returns:
        offset and scale, float32 `[D]`: a vector v becomes (v - offset) * scale.
    """
    dim = split.embeddings.shape[1]
    if norm == 0:
        return np.zeros(dim, np.float32), np.ones(dim, np.float32)
    total, squares = np.zeros(dim), np.zeros(dim)
    for start in range(0, len(split.embeddings), 8192):
        rows = np.asarray(split.embeddings[start : start + 8192], np.float64)
        total += rows.sum(0)
        squares += np.square(rows).sum(0)
    mean = total / len(split.embeddings)
    deviation = np.sqrt(squares / len(split.embeddings) - np.square(mean))
    # A direction that hardly varies carries no text: do not blow up its rounding.
    deviation = np.maximum(deviation, 0.01 * deviation.max())
    scale = norm / (deviation * np.sqrt(dim))
    return mean.astype(np.float32), scale.astype(np.float32)
