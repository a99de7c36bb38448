"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable


def best_of(n: int, action: Callable[[], object]) -> float:
    """The shortest of `n` runs, in seconds."""
    times = []
    for _ in range(n):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)
