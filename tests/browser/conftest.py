"""A server on a temporary store, and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "pages"))

import shelf  # noqa: E402  found only now
from tab import WATCH  # noqa: E402

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--process-per-site"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

#: What Streamlit itself causes on every deep link: it asks for its server below the page's path first.
_EXPECTED = ("_stcore/health", "_stcore/host-config")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf.build(tmp_path_factory.mktemp("shelf") / "library.duckdb", shelf.library())


#: Of the servers so far.
_ports: dict[int, None] = {}


@contextmanager
def server(store: Path) -> Iterator[str]:
    """Runs the dashboard on a store; gives its address."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    environment = {**os.environ, "REVIEWSCOPE_DB": str(store)}
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _awaited(f"http://127.0.0.1:{port}/")
    finally:
        running.terminate()
        running.wait(timeout=20)


def _free_port() -> int:
    """One that an earlier server had, if there is any: what the browser loaded from there need not be loaded again."""
    for port in (*_ports, 0):
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            _ports[free.getsockname()[1]] = None
            return free.getsockname()[1]
    raise RuntimeError("no port is free")


def _awaited(address: str) -> str:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}_stcore/health", timeout=1)  # noqa: S310  our own server
            return address
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start within 30 s")


@pytest.fixture
def fresh(store: Path) -> Iterator[str]:
    """A server that nobody has visited."""
    with server(store) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """A window of headless Chromium, in which all tests open their tabs; they are skipped where there is none.

    In one window Streamlit's own scripts are loaded and compiled once: that takes longer than most tests do.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=list(FLAGS))
        window = browser.new_context()
        window.add_init_script(WATCH)
        yield window
        browser.close()


@contextmanager
def visited(store: Path, chromium) -> Iterator[str]:
    """A server that somebody has visited: the first deep link of all is a case of its own."""
    with server(store) as address:
        page = chromium.new_page()
        page.goto(address)
        page.wait_for_selector(".rs-n")
        page.close()
        yield address


@pytest.fixture(scope="session")
def site(store: Path, chromium) -> Iterator[str]:
    """One server for all tests that need no fresh one."""
    with visited(store, chromium) as address:
        yield address


@pytest.fixture
def tab(chromium) -> Iterator[Callable]:
    """Opens a tab: tab(width=, scheme=). A test fails if the page logs an error or asks another host for anything."""
    complaints: list[str] = []
    pages = []

    def open_tab(width: int = 1440, height: int = 900, scheme: str = "light"):
        page = chromium.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.set_default_timeout(60_000)
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
        page.on("request", lambda asked: _same_host(asked.url, complaints))
        return page

    yield open_tab
    for page in pages:
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")
        page.close()
    chromium.clear_cookies()
    assert not complaints


def _note(message, complaints: list[str]) -> None:
    where = message.location.get("url", "")
    if message.type == "error" and not any(where.endswith(end) for end in _EXPECTED):
        complaints.append(f"console: {message.text} ({where})")


def _same_host(url: str, complaints: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
        complaints.append(f"asked another host: {url}")
