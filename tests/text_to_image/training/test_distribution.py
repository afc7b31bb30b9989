"""Several devices and processes against one: the same batch, the same weights."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from foundation.checkpoints import checkpoint_steps
from foundation.errors import InputError
from text_to_image import Config
from text_to_image.training.distribution import make_strategy
from text_to_image.training.loop import train

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("distributed_steps.py")
TINY = {
    **{"architecture": "dcgan", "gf": 8, "df": 8, "text_features": 8, "z_dim": 10},
    **{"kernel_size": 4, "batch_size": 8, "sync_batch_norm": True},
    **{"devices": 1, "steps": 20, "epsilon": 1e-8, "float64": False},
}


STARTED = []


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Ends the processes that a failed test leaves waiting for each other."""
    yield
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.communicate()


def run_python(*arguments, cluster=""):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if cluster:
        environment["TF_CONFIG"] = cluster
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    STARTED.append(process)
    return process


def start(output, cluster="", **values):
    values = json.dumps({**TINY, **values})
    return run_python(SCRIPT, output, values, cluster=cluster)


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


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """Weights of 20 steps on one device, in float64, at the rate of the paper."""
    output = tmp_path_factory.mktemp("one") / "one.npz"
    arrays = result(start(output, float64=True), output)
    assert arrays["replicas"] == 1
    moved = [np.abs(a).max() for n, a in arrays.items() if n.startswith("moved/gen")]
    assert max(moved) > 1e-3
    return arrays


@pytest.mark.slow
def test_two_devices_are_as_one(one, tmp_path):
    output = tmp_path / "two.npz"
    two = result(start(output, distribute="mirrored", devices=2, float64=True), output)
    assert two["replicas"] == 2
    assert_equal(one, two, 1e-9)


@pytest.mark.slow
def test_two_devices_are_as_one_in_float32(tmp_path):
    # Training amplifies rounding, the more the higher the rate. And with the epsilon of
    # 1e-8, Adam makes full steps of gradients that are nothing but rounding, as those
    # of biases before batch norm.
    values = {"learning_rate": 3e-6, "epsilon": 1e-3, "ema_decay": 0.9}
    values["objective"] = "gan_int_cls"
    outputs = [tmp_path / "one.npz", tmp_path / "two.npz"]
    processes = [
        start(outputs[0], **values),
        start(outputs[1], **values, distribute="mirrored", devices=2, cache="stream"),
    ]
    one, two = map(result, processes, outputs)
    assert_equal(one, two, 5e-6)
    [kernel] = (n for n in one if re.match("moved/gen.*/deconv64/kernel$", n))
    assert np.abs(one[kernel]).max() > 3e-5


def two_clusters():
    """TF_CONFIG of two workers on this machine."""
    workers = [f"localhost:{port}" for port in free_ports(2)]
    return [
        json.dumps(
            {"cluster": {"worker": workers}, "task": {"type": "worker", "index": i}}
        )
        for i in range(2)
    ]


@pytest.mark.slow
def test_two_processes_are_as_one(one, tmp_path):
    processes = [
        start(
            tmp_path / f"worker{i}.npz",
            cluster,
            float64=True,
            distribute="multiworker",
        )
        for i, cluster in enumerate(two_clusters())
    ]
    for i, process in enumerate(processes):
        worker = result(process, tmp_path / f"worker{i}.npz")
        assert worker["replicas"] == 2
        assert_equal(one, worker, 1e-9)


def train_by_two(config, workdir):
    flagfile = workdir.with_suffix(".cfg")
    flagfile.write_text(config.to_flagfile())
    arguments = ("train.py", f"--flagfile={flagfile}", f"--workdir={workdir}")
    return [run_python(*arguments, cluster=cluster) for cluster in two_clusters()]


@pytest.mark.slow
def test_a_signal_to_one_worker_ends_both_and_the_run_is_resumed(replaced, tmp_path):
    run = tmp_path / "run"
    values = {"sync_batch_norm": True, "checkpoint_every": 50_000}
    endless = replaced(steps=100_000, distribute="multiworker", **values)
    processes = train_by_two(endless, run)
    while not (run / "metrics.jsonl").is_file():
        assert all(process.poll() is None for process in processes), [
            process.communicate()[0] for process in processes
        ]
        time.sleep(0.1)
    processes[1].send_signal(signal.SIGTERM)  # not the chief
    outputs = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    step = checkpoint_steps(run / "checkpoints")[0]
    assert step > 0
    assert all(f"Stopped at step {step} and saved" in output for output in outputs)
    # The chief alone has written: each line is there once. One device goes on.
    train(replaced(steps=step + 2, **values), run)
    lines = (run / "metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    assert steps == sorted(set(steps))
    assert steps[-1] == step + 2
    assert f"Resuming {run} at step {step}" in (run / "log.txt").read_text()


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
