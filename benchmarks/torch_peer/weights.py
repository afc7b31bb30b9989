"""Weights and images of the Keras networks in PyTorch's layout; see `networks.py`."""

from collections.abc import Mapping
from operator import attrgetter

import keras
import numpy as np
import torch
from torch import Tensor, nn

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
_WITH_WEIGHTS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, *_NORMS)


def weights_from(model: keras.Model, module: nn.Module) -> None:
    """Copies the weights of a Keras G or D into the module that mirrors it.

    Args:
        model: `text_to_image.models.Generator` or `Discriminator`, conditional.
        module: the `networks.Generator` or `networks.Discriminator` of the same sizes.

    Raises:
        ValueError: a shape or a layer does not fit.
    """
    state = {}
    for name, part in module.named_modules():
        if not isinstance(part, _WITH_WEIGHTS):
            continue
        # D's head is a module of its own here only.
        layer = attrgetter(name.removeprefix("head."))(model)
        for key, array in _arrays(part, layer).items():
            state[f"{name}.{key}"] = torch.from_numpy(np.ascontiguousarray(array))
    missing, unexpected = module.load_state_dict(state, strict=False)
    missing = [key for key in missing if not key.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"without a Keras weight: {missing}; too many: {unexpected}")


def _arrays(part: nn.Module, layer: keras.layers.Layer) -> Mapping[str, np.ndarray]:
    """Returns what goes into one module, by the names of its parameters."""
    values = {weight.name: weight.numpy() for weight in layer.weights}
    if isinstance(part, _NORMS):
        return {
            "weight": values["gamma"],
            "bias": values["beta"],
            "running_mean": values["moving_mean"],
            "running_var": values["moving_variance"],
        }
    kernel = values["kernel"]
    if isinstance(part, nn.Linear):
        # [inputs, outputs]; of G's stem and D's score one side is 4x4 positions.
        if layer.name == "stem":
            kernel = _turned(kernel, len(kernel), 4, 4, -1)
            values["bias"] = _turned(values["bias"], 1, 4, 4, -1)
        elif layer.name == "score":
            kernel = _turned(kernel, 1, 4, 4, -1)
        arrays = {"weight": kernel.T}
    else:
        # Convolutions [h, w, in, out], transposed ones [h, w, out, in], here
        # [out, in, h, w] and [in, out, h, w].
        arrays = {"weight": kernel[::-1, ::-1].transpose(3, 2, 0, 1)}
    if part.bias is not None:
        arrays["bias"] = values["bias"]
    return arrays


def _turned(array: np.ndarray, *positions: int) -> np.ndarray:
    """Turns the two middle axes of an array that is `[_, 4, 4, _]` when reshaped."""
    return array.reshape(positions)[:, ::-1, ::-1].reshape(array.shape)


def to_torch(array: np.ndarray) -> Tensor:
    """Returns images `[B, 64, 64, 3]` turned, as `[B, 3, 64, 64]` in channels-last
    memory, and anything else as it is.
    """  # noqa: D205
    if array.ndim < 4:
        return torch.from_numpy(np.ascontiguousarray(array))
    turned = np.ascontiguousarray(array[:, ::-1, ::-1])
    return torch.from_numpy(turned).permute(0, 3, 1, 2)


def from_torch(images: Tensor) -> np.ndarray:
    """Returns images `[B, 3, 64, 64]` as `[B, 64, 64, 3]`, turned back."""
    return images.detach().permute(0, 2, 3, 1).numpy()[:, ::-1, ::-1]
