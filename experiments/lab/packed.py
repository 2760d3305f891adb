"""Every day of a run as one short text, so that a store keeps it."""

import base64
import json
import zlib
from collections.abc import Sequence

import numpy as np


def pack(names: Sequence[str], values: np.ndarray) -> str:
    """Return a table of days (rows) and measures (columns) as a short text, to seven digits.

    >>> unpack(pack(["crowd", "rung"], np.array([[12_000.0, 1.0], [0.25, 2.0]])))[1].tolist()
    [[12000.0, 1.0], [0.25, 2.0]]
    """
    packed = base64.b64encode(zlib.compress(np.asarray(values, "<f4").tobytes(), 6)).decode()
    return f"{json.dumps(list(names))}\n{packed}"


def unpack(text: str) -> tuple[list[str], np.ndarray]:
    """Return the names and the values that were packed."""
    header, _, packed = text.partition("\n")
    names = json.loads(header)
    values = np.frombuffer(zlib.decompress(base64.b64decode(packed)), "<f4")
    return names, values.reshape(-1, len(names)).astype(float)
