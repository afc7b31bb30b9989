"""Times the operations of compiled code by TensorFlow's own profiler."""

import collections
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf.xplane_pb2 import XSpace

# An operation's event is NAME:TYPE; oneDNN's types have prefixes of their own.
_OPERATION = re.compile(r"[\w./-]+:_?(?:Mkl)?(?:Native)?(\w+)")


def operation_times(call: Callable[[], object]) -> dict[str, list[float]]:
    """Watches one call and returns what its operations took.

    Args:
        call: runs compiled code until its results are there.

    Returns:
        Seconds of each operation on the host, by its type.
    """
    with tempfile.TemporaryDirectory() as directory:
        with tf.profiler.experimental.Profile(directory):
            call()
        space = XSpace()
        for path in Path(directory).rglob("*.xplane.pb"):
            space.MergeFromString(path.read_bytes())
    times = collections.defaultdict(list)
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                name = plane.event_metadata[event.metadata_id].name
                if operation := _OPERATION.fullmatch(name):
                    times[operation[1]].append(event.duration_ps / 1e12)
    return dict(times)
