"""Whether visitors may change the store: only where the host said so."""

from __future__ import annotations

import os

#: The environment variable by which a host allows it; `reviewscope serve --write` sets it.
ALLOWS = "REVIEWSCOPE_WRITE"


def may_write() -> bool:
    """Whether the host allows visitors of the dashboard to change its store. Without that pages only show."""
    return os.environ.get(ALLOWS, "").strip() == "1"


def how() -> str:
    """How a host allows it, as HTML for states.note."""
    return (
        "<b>This dashboard only shows.</b> To let its visitors judge and label, its host starts it with "
        f"<code>reviewscope serve --db FILE --write</code>, or sets <code>{ALLOWS}=1</code>."
    )
