"""The order of the tests: what takes longest begins first, so that no worker is left alone with it at the end."""

from __future__ import annotations

import pytest

#: Folders by how long a file of theirs takes; files within one stay as they are.
_FIRST = ("browser", "real", "pages", "corpus")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts by folder. Workers are given files, in this order."""
    places = {name: at for at, name in enumerate(_FIRST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(_FIRST)))
