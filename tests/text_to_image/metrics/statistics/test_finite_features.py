"""What may be measured passes unchanged; all else is one clear line."""

import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image.metrics.statistics.finite_features import finite_features


def test_numbers_pass_unchanged():
    rng = np.random.default_rng(0)
    sets = {
        "generated": rng.normal(size=(3, 4)).astype(np.float16),
        "real": rng.integers(0, 9, (2, 4)),
    }
    checked = finite_features(sets, 2)
    assert [x.dtype for x in checked] == [np.float64, np.float64]
    for x, given in zip(checked, sets.values(), strict=True):
        np.testing.assert_array_equal(x, given)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_is_named(value):
    broken = np.ones((9, 4))
    broken[[5, 7], 2] = value
    with pytest.raises(InputError, match=r"real features: row 5 .*2 of 9") as error:
        finite_features({"generated": np.ones((9, 4)), "real": broken}, 2)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("generated", "message"),
    [
        (np.ones((1, 4)), "generated features have 1 rows, expected at least 2"),
        (np.ones((0, 4)), "generated features have 0 rows"),
        (np.ones(4), r"shape \(4,\), expected \[N, F\]"),
        (np.ones((2, 2, 2)), r"shape \(2, 2, 2\)"),
        (np.ones((2, 0)), r"shape \(2, 0\)"),
        (np.ones((2, 5)), r"differ \(generated: 5, real: 4\)"),
    ],
)
def test_shapes_that_cannot_be_measured(generated, message):
    with pytest.raises(InputError, match=message):
        finite_features({"generated": generated, "real": np.ones((3, 4))}, 2)
