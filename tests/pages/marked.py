"""What the charts of a page are made of: the rows of each, by its place on the page."""

from __future__ import annotations

import json

import pyarrow as pa


def charts(app) -> list[list[dict]]:
    """The rows of every chart that stand for values, in order; lines at zero are not among them."""
    found = []
    for element in app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart"):
        spec = json.loads(element.proto.spec)
        rows = list(spec.get("data", {}).get("values") or ())
        for layer in spec.get("layer", ()):
            rows += layer.get("data", {}).get("values") or ()
        for data in [element.proto.data.data, *(each.data.data for each in element.proto.datasets)]:
            if data:
                rows += pa.ipc.open_stream(data).read_all().to_pylist()
        there = [row for row in rows if "go" in row]
        found.append([row for at, row in enumerate(there) if row not in there[:at]])  # layers may repeat them
    return found


def twin(app):
    """The table below the charts."""
    return app.dataframe[0].value
