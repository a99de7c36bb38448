"""Going to a page and waiting until it stands still."""

from __future__ import annotations


def visit(page, address: str, ready: str = ".rs-n") -> None:
    page.goto(address)
    page.wait_for_selector(ready)
    settle(page)


def settle(page) -> None:
    """Waits until the run is over."""
    page.wait_for_function("document.querySelector('[data-test-script-state=notRunning]')")
    page.wait_for_timeout(600)
