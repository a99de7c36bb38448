"""Going to a page and waiting until it stands still."""

from __future__ import annotations

#: Run before the page's own scripts: when it last told the server something, last heard from it, last changed.
WATCH = """(() => {
  const last = window.rsLast = {told: 0, heard: 0, changed: 0};
  const Own = window.WebSocket;
  window.WebSocket = class extends Own {
    constructor(...all) {
      super(...all);
      this.addEventListener('message', () => { last.heard = performance.now(); });
    }
    send(data) {
      last.told = performance.now();
      return super.send(data);
    }
  };
  const look = {childList: true, subtree: true, attributes: true, characterData: true};
  new MutationObserver(() => { last.changed = performance.now(); }).observe(document, look);
})()"""

#: True once no run is on, the server has answered, and nothing has changed since for as long as given.
_STILL = """([since, quiet]) => {
  const {told, heard, changed} = window.rsLast, now = performance.now();
  return document.querySelector('[data-test-script-state=notRunning]')
    && (heard >= told || now - told > 15000)
    && now - Math.max(since, told, heard, changed) > quiet;
}"""


def visit(page, address: str, ready: str = ".rs-n") -> None:
    page.goto(address)
    page.wait_for_selector(ready)
    settle(page)


def settle(page, quiet: int = 250) -> None:
    """Waits until the run is over and the page has stood still for `quiet` milliseconds from now on."""
    page.wait_for_function(_STILL, arg=[page.evaluate("performance.now()"), quiet])
