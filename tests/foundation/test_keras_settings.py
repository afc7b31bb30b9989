"""Settings of the process, which other threads must not see or change meanwhile."""

import random
import threading

import keras
import numpy as np

from foundation.keras_settings import FirstWeights, building, float32_optimizers


def draw(count):
    initializers = [keras.initializers.RandomNormal() for _ in range(count)]
    return [np.asarray(one((3,), "float32")) for one in initializers]


def in_a_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def build():
    with building():
        draw(3)


def test_first_weights_are_those_of_their_seed():
    with FirstWeights(0):
        expected = draw(4)
    keras.utils.set_random_seed(0)  # what it stands for
    np.testing.assert_array_equal(draw(4), expected)
    with FirstWeights(1):
        assert not np.array_equal(draw(4), expected)
    again = FirstWeights(0)
    with again:
        first = draw(2)
    in_a_thread(build).join()
    random.random()
    with again:
        second = draw(2)
    np.testing.assert_array_equal(first + second, expected)


def test_another_thread_builds_before_or_after_but_not_meanwhile():
    with FirstWeights(0):
        expected = draw(4)
    with FirstWeights(0):
        first = draw(2)
        other = in_a_thread(build)
        other.join(0.2)
        assert other.is_alive()
        second = draw(2)
    other.join(20)
    assert not other.is_alive()
    np.testing.assert_array_equal(first + second, expected)


def test_an_error_lets_others_go_on():
    try:
        with FirstWeights(0):
            raise KeyError
    except KeyError:
        other = in_a_thread(build)
    other.join(20)
    assert not other.is_alive()


def test_optimizers_in_two_threads_leave_the_setting_as_it_was():
    keras.config.set_floatx("float16")
    try:
        inside, leave = threading.Event(), threading.Event()

        def make():
            with float32_optimizers():
                inside.set()
                leave.wait(20)

        one = in_a_thread(make)
        inside.wait(20)
        other = in_a_thread(make)  # waits: it would take float32 for the setting
        leave.set()
        one.join(20)
        other.join(20)
        assert keras.config.floatx() == "float16"
    finally:
        keras.config.set_floatx("float32")
