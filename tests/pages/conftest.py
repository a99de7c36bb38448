"""Databases in invented text, and the app run on them without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent))

import shelf

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def packages_are_read_once() -> Iterator[None]:
    """For every app under test Streamlit asks all installed packages for components: longer than a page takes."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five papers that between them have every state."""
    return shelf.build(tmp_path_factory.mktemp("shelf") / "library.duckdb", shelf.library())


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Papers labelled in two schemes that both have a layer `aspect`."""
    return shelf.build(tmp_path_factory.mktemp("shelf") / "mixed.duckdb", shelf.mixed())


@pytest.fixture(scope="session")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf.build(tmp_path_factory.mktemp("shelf") / "unlabelled.duckdb", shelf.unlabelled())


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without any paper."""
    return shelf.build(tmp_path_factory.mktemp("shelf") / "bare.duckdb", [])


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a page of the app on a store: visit(path, page, **parameters of the URL)."""

    def run(store: Path, page: str = "", /, **query: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if page:
            # A page is known only after a run; one that finds no store draws nothing.
            monkeypatch.setenv("REVIEWSCOPE_DB", str(ROOT / "none.duckdb"))
            app.run()
            app.switch_page(page)
        monkeypatch.setenv("REVIEWSCOPE_DB", str(store))
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return run
