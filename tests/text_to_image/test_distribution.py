"""Several devices and processes against one: the same batch, the same weights."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from skipthoughts.errors import InputError
from text_to_image import Config
from text_to_image.distribution import make_strategy

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("distributed_steps.py")
TINY = {
    **{"architecture": "dcgan", "gf": 8, "df": 8, "text_features": 8, "z_dim": 10},
    **{"kernel_size": 4, "batch_size": 8, "sync_batch_norm": True},
    **{"devices": 1, "steps": 20, "epsilon": 1e-8, "float64": False},
}


def start(output, cluster="", **values):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if cluster:
        environment["TF_CONFIG"] = cluster
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(output), json.dumps({**TINY, **values})],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def result(process, output):
    text, _ = process.communicate(timeout=600)
    assert process.returncode == 0, text
    return dict(np.load(output))


def weights_of(arrays):
    return {n: a for n, a in arrays.items() if n.startswith(("generator", "discrim"))}


def assert_equal(one, other, tolerance):
    first, second = weights_of(one), weights_of(other)
    assert first.keys() == second.keys()
    assert len(first) > 50
    for name, value in first.items():
        assert np.abs(value - second[name]).max() < tolerance, name


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("localhost", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


FULL_RATE = {"float64": True}
LOW_RATE = {"learning_rate": 3e-6, "ema_decay": 0.9, "objective": "gan_int_cls"}


@pytest.mark.slow
@pytest.mark.parametrize("values", [FULL_RATE, LOW_RATE], ids=["float64", "float32"])
def test_two_devices_are_as_one(tmp_path, values):
    process = start(tmp_path / "one.npz", **values)
    one = result(process, tmp_path / "one.npz")
    mirrored = {**values, "distribute": "mirrored", "devices": 2, "cache": "stream"}
    two = result(start(tmp_path / "two.npz", **mirrored), tmp_path / "two.npz")
    assert (one["replicas"], two["replicas"]) == (1, 2)
    assert_equal(one, two, 1e-9 if values is FULL_RATE else 1e-5)
    # Far less than they have moved.
    moved = max(np.abs(a).max() for name, a in one.items() if "moved/gen" in name)
    assert moved > 10 * (values.get("learning_rate") or 2e-4)


@pytest.mark.slow
def test_two_processes_are_as_one(tmp_path):
    workers = [f"localhost:{port}" for port in free_ports(2)]
    processes = [
        start(
            tmp_path / f"worker{i}.npz",
            json.dumps(
                {
                    "cluster": {"worker": workers},
                    "task": {"type": "worker", "index": i},
                }
            ),
            **FULL_RATE,
            distribute="multiworker",
        )
        for i in range(2)
    ]
    one = result(start(tmp_path / "one.npz", **FULL_RATE), tmp_path / "one.npz")
    for i, process in enumerate(processes):
        worker = result(process, tmp_path / f"worker{i}.npz")
        assert worker["replicas"] == 2
        assert_equal(one, worker, 1e-9)


@pytest.mark.parametrize(
    ("values", "factor"),
    [
        ({}, 4),
        (
            {
                **{"objective": "gan_int", "update": "alternating"},
                "interpolation_batch": "shared",
            },
            8,
        ),
    ],
)
def test_a_batch_that_cannot_be_shared_out(monkeypatch, values, factor):
    monkeypatch.setattr(
        tf.distribute,
        "MirroredStrategy",
        lambda devices: type("Strategy", (), {"num_replicas_in_sync": 4}),
    )
    size = 5 * factor // 2
    with pytest.raises(InputError, match=f"--batch_size={size}.*multiple of {factor}$"):
        make_strategy(Config(batch_size=size, distribute="mirrored", **values))
    make_strategy(Config(batch_size=2 * factor, distribute="mirrored", **values))


def test_several_machines_need_their_cluster(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(InputError, match="TF_CONFIG is not set"):
        make_strategy(Config(distribute="multiworker"))
