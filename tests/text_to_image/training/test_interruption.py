"""Signals are taken where they can be, and given back."""

import signal
from concurrent.futures import ThreadPoolExecutor

from text_to_image.training.interruption import Interruption

NUMBERS = (signal.SIGINT, signal.SIGTERM)


def handlers():
    return [signal.getsignal(number) for number in NUMBERS]


def test_a_signal_is_noted_and_its_handler_comes_back(capsys):
    before = handlers()
    with Interruption() as interrupted:
        assert not interrupted
        signal.raise_signal(signal.SIGINT)
        assert interrupted
    assert handlers() == before
    assert capsys.readouterr().err.startswith("Stopping")


def test_threads_take_none():
    before = handlers()

    def enter():
        with Interruption() as interrupted:
            return handlers(), bool(interrupted)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(enter).result() == (before, False)


def test_a_handler_that_is_not_pythons_is_left(monkeypatch):
    """That of a program which embeds Python: `signal.signal` could not restore it."""
    before = handlers()
    with monkeypatch.context() as patched:
        patched.setattr(signal, "getsignal", lambda number: None)
        with Interruption():
            patched.undo()
            assert handlers() == before
    assert handlers() == before
