"""The recurrence against the published equations in NumPy."""

import keras
import numpy as np
import pytest

from skipthoughts.sentence_encoder import PerGateOrthogonal, SentenceEncoder

VOCABULARY, WORD_DIM, DIM = 11, 5, 8


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def published_gru(words, w, u, b, w_x, u_x, b_x):
    """The step of the published code: reset half first, update gate keeps the old."""
    h = np.zeros(u_x.shape[0])
    dim = len(h)
    for x in words:
        gates = sigmoid(x @ w + h @ u + b)
        r, z = gates[:dim], gates[dim:]
        c = np.tanh((h @ u_x) * r + x @ w_x + b_x)
        h = z * h + (1 - z) * c
    return h


def published_parameters(rng, dim):
    def draw(*shape):
        return rng.normal(size=shape) * 0.5

    return (
        draw(WORD_DIM, 2 * dim),
        draw(dim, 2 * dim),
        draw(2 * dim),
        draw(WORD_DIM, dim),
        draw(dim, dim),
        draw(dim),
    )


def to_keras(w, u, b, w_x, u_x, b_x):
    """Swaps the gates: Keras has the update gate first."""
    dim = len(b_x)

    def swap(gates, candidate):
        return np.concatenate([gates[..., dim:], gates[..., :dim], candidate], axis=-1)

    bias = np.stack([swap(b, b_x), np.zeros(3 * dim)])
    return [swap(w, w_x), swap(u, u_x), bias]


@pytest.mark.parametrize("bidirectional", [False, True])
def test_encoder_is_the_published_recurrence(bidirectional):
    rng = np.random.default_rng(0)
    model = SentenceEncoder(WORD_DIM, DIM, bidirectional)
    table = rng.normal(size=(VOCABULARY, WORD_DIM))
    dim = DIM // 2 if bidirectional else DIM
    forward = published_parameters(rng, dim)
    model.forward.set_weights(to_keras(*forward))
    if bidirectional:
        backward = published_parameters(rng, dim)
        model.backward.set_weights(to_keras(*backward))
    # Lengths differ, and the padding is not zero: it must not be read.
    rows = rng.integers(0, VOCABULARY, (4, 6)).astype("int32")
    lengths = np.array([6, 1, 3, 5], "int32")
    actual = keras.ops.convert_to_numpy(model(table[rows].astype("float32"), lengths))
    for i, length in enumerate(lengths):
        words = table[rows[i, :length]]
        expected = published_gru(words, *forward)
        if bidirectional:
            last = published_gru(words[::-1], *backward)
            expected = np.concatenate([expected, last])
        np.testing.assert_allclose(actual[i], expected, atol=2e-6)


def test_initial_weights_are_the_published_ones():
    model = SentenceEncoder(WORD_DIM, DIM, False)
    kernel, recurrent, bias = model.forward.get_weights()
    for gate in np.split(recurrent, 3, axis=1):
        np.testing.assert_allclose(gate @ gate.T, np.eye(DIM), atol=1e-5)
    assert 0.08 < np.abs(kernel).max() <= 0.1
    assert not bias.any()


def test_gates_are_not_the_same_matrix():
    matrix = np.asarray(PerGateOrthogonal()((4, 12), "float32"))
    assert np.abs(matrix[:, :4] - matrix[:, 4:8]).max() > 0.1


@pytest.mark.parametrize("bidirectional", [False, True])
def test_model_is_rebuilt_from_its_configuration(bidirectional, tmp_path):
    model = SentenceEncoder(WORD_DIM, DIM, bidirectional)
    other = SentenceEncoder.from_config(model.get_config())
    model.save_weights(tmp_path / "a.weights.h5")
    other.load_weights(tmp_path / "a.weights.h5")
    words = np.random.default_rng(0).normal(size=(1, 3, WORD_DIM)).astype("float32")
    lengths = np.array([3], "int32")
    np.testing.assert_array_equal(model(words, lengths), other(words, lengths))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_blank_model_takes_the_weights_of_another(bidirectional, tmp_path):
    model = SentenceEncoder(WORD_DIM, DIM, bidirectional)
    blank = SentenceEncoder(WORD_DIM, DIM, bidirectional, blank=True)
    shapes = [weight.shape for weight in model.weights]
    assert [weight.shape for weight in blank.weights] == shapes
    assert not any(weight.any() for weight in blank.get_weights())
    model.save_weights(tmp_path / "a.weights.h5")
    blank.load_weights(tmp_path / "a.weights.h5")
    words = np.random.default_rng(0).normal(size=(2, 3, WORD_DIM)).astype("float32")
    lengths = np.array([3, 2], "int32")
    np.testing.assert_array_equal(model(words, lengths), blank(words, lengths))
    blank.save_weights(tmp_path / "b.weights.h5")  # and gives them back
    model.load_weights(tmp_path / "b.weights.h5")
    np.testing.assert_array_equal(model(words, lengths), blank(words, lengths))
