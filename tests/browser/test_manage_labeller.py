"""A labeller trained, read and used in a real browser, on the demo corpus: from the button to labels in the store."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
import reported
from conftest import visited
from shelf import HOSTILE
from tab import settle, visit

from corpus.ingest import demo_database
from corpus.labeller.reports import read_report
from corpus.labeller_jobs import latest
from corpus.store import Snapshot

pytestmark = pytest.mark.browser
SCHEME = "peer-review-analyze"


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("labellers") / "models"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REVIEWSCOPE_MODELS", str(folder))
        environment.setenv("REVIEWSCOPE_WRITE", "1")
        yield folder


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """The demo corpus, to be written to."""
    return Path(shutil.copy(demo_database(), tmp_path_factory.mktemp("demo") / "demo.duckdb"))


@pytest.fixture(scope="module")
def host(store, models, chromium) -> Iterator[str]:
    with visited(store, chromium) as address:
        yield address


def stop(page):
    """The button that ends a job; Streamlit shows one of its own while a page is made."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")


def by_models(store: Path) -> pl.DataFrame:
    snapshot = Snapshot.open(store)
    labels = snapshot.frames.labels.filter(pl.col("annotator").cast(pl.String).str.starts_with("model:")).collect()
    snapshot.close()
    return labels


def test_from_training_to_labels_and_back(host, store, models, tab):
    page = tab()
    visit(page, f"{host}labeller?scheme_of={SCHEME}")
    page.get_by_label("Name", exact=True).fill("tide")
    page.get_by_label("Name", exact=True).press("Enter")
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector(".rs-lab-job")
    stop(page).wait_for()
    page.get_by_role("button", name="Train", exact=True).wait_for(state="detached")  # one at a time
    page.wait_for_selector("[data-testid=stVegaLiteChart]", timeout=300_000)  # a job yields to all else
    assert "Training tide on Peer Review Analyze" in page.locator(".rs-lab-job").inner_text()
    page.goto(f"{host}papers")  # away: it goes on
    page.wait_for_selector(".rs-n")
    page.goto(f"{host}labeller")
    page.wait_for_selector(".rs-lab-ended", timeout=300_000)
    assert "tide@" in page.locator(".rs-lab-ended").inner_text()
    assert read_report(models / "tide")["scheme"] == SCHEME
    assert latest(store).learning, "curves to be drawn were told"

    page.get_by_role("link", name="See its report").click()
    page.wait_for_selector(".rs-lab-says")
    settle(page)
    assert parse_qs(urlsplit(page.url).query) == {"open": ["tide"], "view": ["report"]}
    page.wait_for_function("document.querySelectorAll('[data-testid=stVegaLiteChart] :is(canvas, svg)').length >= 6")

    page.goto(f"{host}labeller?open=tide&view=label&decision=reject")
    button = page.get_by_role("button", name=re.compile(r"Label [\d,]+ sentences"))
    button.wait_for()
    settle(page)
    n = Snapshot.open(store).frames.segments.select(pl.len()).collect().item()
    assert 0 < int(re.search(r"Label ([\d,]+)", button.inner_text())[1].replace(",", "")) < n, "the selection, not all"
    button.click()
    page.wait_for_selector(".rs-lab-ended:has-text('sentences labelled')", timeout=300_000)
    labels = by_models(store)
    assert labels["annotator"].cast(str).unique().to_list() == [read_report(models / "tide")["annotator"]]
    assert labels["confidence"].is_between(0, 1).all()
    page.get_by_role("link", name="Read them").click()
    page.wait_for_selector(".rs-hit")
    settle(page)
    assert parse_qs(urlsplit(page.url).query) == {"decision": ["reject"], "whose": ["models"]}
    assert page.locator(".rs-chip.guess").count() > 0

    page.goto(f"{host}labeller?open=tide&view=label")
    page.get_by_role("button", name="Remove this model").click()
    page.get_by_role("button", name="Remove them").click()
    page.wait_for_selector(".rs-lab-ended:has-text('are taken out')", timeout=300_000)
    assert by_models(store).height == 0


def test_stopped_it_leaves_nothing(host, store, models, tab):
    page = tab()
    visit(page, f"{host}labeller?view=train&scheme_of={SCHEME}")
    page.get_by_label("Name", exact=True).fill("ebb")
    page.get_by_label("Name", exact=True).press("Enter")
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    stop(page).click()
    page.wait_for_selector(".rs-lab-ended:has-text('was stopped')", timeout=300_000)
    assert not (models / "ebb").exists()
    page.get_by_role("button", name="Dismiss").click()
    page.wait_for_selector(".rs-lab-ended", state="detached")
    assert latest(store) is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["report", "label", "train"])
def test_a_phone_shows_it_and_hostile_names_run_nothing(host, models, tab, view, scheme):
    if not (models / "evil").exists():
        found = reported.report("evil", title=HOSTILE, corpora=[HOSTILE], versions={HOSTILE: HOSTILE})
        reported.put(models, found)
    page = tab(width=390, height=844, scheme=scheme)
    visit(page, f"{host}labeller?open=evil&view={view}")
    page.wait_for_timeout(400)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert wide == [0, 0]
    assert page.evaluate("window.hurt") is None
