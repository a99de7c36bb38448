"""The order of the tests: what takes longest begins first, so that no worker is left alone with it at the end."""

from __future__ import annotations

import os

import pytest

# A worker of the tests has a core to itself: threads of linear algebra that wait for each other would take the next.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

#: Folders by how long a file of theirs takes; files within one stay as they are.
_FIRST = ("browser", "real", "pages", "corpus")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: tests in a browser wait for most of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts by folder. Workers are given files, in this order."""
    places = {name: at for at, name in enumerate(_FIRST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(_FIRST)))
