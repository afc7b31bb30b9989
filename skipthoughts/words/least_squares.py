"""Linear maps with an intercept, fitted on examples that come in blocks."""

import dataclasses

import numpy as np

# Of the largest singular value of the normal equations: what is smaller cannot be told
# from rounding, and a file with dependent columns has such directions.
_SINGULAR = 1e-12


@dataclasses.dataclass(frozen=True)
class LinearMap:
    """x to x A + b.

    Attributes:
        weights: float64 `[d + 1, D]`: A, and b in the last row.
        residual: float64 `[D]`, the squared error summed over the examples.
        variation: float64 `[D]`, the squared distance from their mean summed over them.
    """

    weights: np.ndarray
    residual: np.ndarray
    variation: np.ndarray

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Maps float `[n, d]` to float32 `[n, D]`."""
        outputs = inputs @ self.weights[:-1] + self.weights[-1]
        return outputs.astype(np.float32)

    def r2(self, columns: slice = slice(None)) -> float:
        """Returns the share of the outputs' variance that is explained, at most 1."""
        variation = float(self.variation[columns].sum())
        if variation <= 0:
            return 1.0  # constant outputs: the intercept is all of them
        return min(1.0, 1 - float(self.residual[columns].sum()) / variation)


class LeastSquares:
    """The sums that the best linear map is computed from.

    Attributes:
        count: examples so far.
        dim: d, the dimensions of their inputs; 0 before the first.
    """

    def __init__(self) -> None:
        self.count = 0
        self.dim = 0
        # These take their shape from the first block.
        self._inputs = np.zeros(())  # [d + 1, d + 1]
        self._products = np.zeros(())  # [d + 1, D]
        self._outputs = np.zeros(())  # [D]

    def add(self, inputs: np.ndarray, outputs: np.ndarray) -> None:
        """Adds examples: float `[n, d]` and float `[n, D]`."""
        x = np.column_stack([inputs.astype(np.float64), np.ones(len(inputs))])
        y = outputs.astype(np.float64)
        self.count += len(x)
        self.dim = inputs.shape[1]
        self._inputs = self._inputs + x.T @ x
        self._products = self._products + x.T @ y
        self._outputs = self._outputs + (y * y).sum(0)

    def solve(self, ridge: float = 0.0) -> LinearMap:
        """Returns the map of the least squared error, the smallest of several.

        Args:
            ridge: weight of the squared coefficients next to the summed squared error;
                the intercepts are free.
        """
        penalty = ridge * np.eye(self.dim + 1)
        penalty[-1, -1] = 0
        weights = np.linalg.lstsq(
            self._inputs + penalty, self._products, rcond=_SINGULAR
        )[0]
        explained = 2 * self._products - self._inputs @ weights
        residual = self._outputs - (weights * explained).sum(0)
        variation = self._outputs - self._products[-1] ** 2 / self.count
        return LinearMap(weights, residual, variation)
