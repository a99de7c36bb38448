"""Judging with keys in a real browser: what is pressed stands in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import shelf
from conftest import visited
from shelf import HOSTILE, Paper, Review
from tab import settle, visit

from corpus.judgements import Journal
from corpus.store import Snapshot

MODEL = "model:en@1"
#: Sentence, what the model says, how sure: the less sure come first.
SENTENCES = (
    ("The ferry is late.", "EMP-NEG", 0.51),
    ("The quay is new.", "NOV-POS", 0.55),
    ("The map is clear.", "CLA-POS", 0.6),
    ("The pier is short.", "SUB-NEG", 0.65),
    (f"{HOSTILE}.", "EMP-NEG", 0.7),
    ("The tide is high.", "IMP-POS", 0.75),
)


def build(path: Path) -> Path:
    """A review of six sentences that a model labelled; people gave another one two aspects."""
    sentences = [(f"{text} ", f"{label}/{MODEL}") for text, label, _ in SENTENCES]
    review = Review([*sentences, ("Two at once.", "EMP-NEG CLA-NEG")], reviewer=HOSTILE)
    shelf.build(path, [Paper("ferry", "Ferries", [review])])
    with duckdb.connect(str(path)) as connection:
        for text, _, sure in SENTENCES:
            connection.execute(
                "UPDATE labels SET confidence = ? WHERE annotator = ? AND segment_id IN "
                "(SELECT segment_id FROM segments WHERE text = ?)",
                [sure, MODEL, f"{text} "],
            )
    return path


@contextmanager
def opened(store: Path, chromium, write: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REVIEWSCOPE_WRITE", write)
        with visited(store, chromium) as address:
            yield f"{address}review-queue"


@pytest.fixture(scope="module")
def harbour(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("harbour") / "harbour.duckdb")


@pytest.fixture(scope="module")
def desk(harbour, chromium) -> Iterator[str]:
    """A server for several people, who judge without knowing of each other."""
    with opened(harbour, chromium, "1") as address:
        yield address


def begin(page, address: str, name: str) -> None:
    visit(page, address, ".rs-q-card[data-id]")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector(".rs-q-codes")
    settle(page)


def shown(page) -> str:
    return page.locator(".rs-q-text strong").inner_text()


def pending(store: Path, name: str) -> list[tuple]:
    """What stands in the journal of a person's judgements, oldest first."""
    mine = [each for each in Journal(store).pending() if each.annotator == f"user:{name}"]
    return [(each.text.strip(), each.action, each.answer) for each in mine]


def stands(page, store: Path, name: str, expected: list) -> bool:
    """Whether the journal comes to hold these judgements of a person, or these actions; it is told of one by one."""
    for _ in range(200):
        found = pending(store, name)
        if expected in (found, [action for _, action, _ in found]):
            return True
        page.wait_for_timeout(100)
    return False


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_accept_change_skip_and_take_back(desk, harbour, tab):
    page = tab()
    begin(page, desk, "ada")
    assert shown(page) == "The ferry is late."
    press(page, "a")
    assert shown(page) == "The quay is new.", "at once, before the server has answered"
    press(page, "c", "9", "-", "1", "+", "Enter")
    press(page, "s")
    settle(page)
    judged = [
        ("The ferry is late.", "accept", (("EMP", -1),)),
        ("The quay is new.", "change", (("APR", 1), ("CLA", -1))),
        ("The map is clear.", "skip", ()),
    ]
    assert stands(page, harbour, "ada", judged)
    assert shown(page) == "The pier is short."
    assert "3" in page.locator(".rs-q-figures").inner_text()

    press(page, "u")
    assert shown(page) == "The map is clear."
    settle(page)
    assert stands(page, harbour, "ada", judged[:2])
    press(page, "Control+z")
    settle(page)
    assert shown(page) == "The quay is new."
    assert stands(page, harbour, "ada", judged[:1])
    press(page, "n", "Enter")
    settle(page)
    assert stands(page, harbour, "ada", [judged[0], ("The quay is new.", "change", (("none", None),))])
    assert shown(page) == "The map is clear."

    press(page, "ArrowLeft", "ArrowLeft")
    assert shown(page) == "The ferry is late."
    assert "You accepted this." in page.locator(".rs-q-was").inner_text()
    press(page, "7", "Enter")  # EMP again: from negative to neutral
    settle(page)
    again = ("The ferry is late.", "change", (("EMP", 0),))
    assert stands(page, harbour, "ada", [("The quay is new.", "change", (("none", None),)), again])
    assert shown(page) == "The map is clear.", "and on where one was"


def test_no_answer_is_lost_however_fast_keys_come_and_none_is_taken_from_a_field(desk, harbour, tab):
    page = tab()
    begin(page, desk, "bob")
    page.get_by_label("Search in sentences").click()
    page.keyboard.type("as")
    page.get_by_label("Search in sentences").fill("")
    page.keyboard.press("Enter")
    settle(page)
    assert stands(page, harbour, "bob", [])
    page.get_by_role("heading", name="Review queue").click()
    press(page, *"aaasaa")
    page.wait_for_selector(".rs-q-done")
    settle(page)
    assert stands(page, harbour, "bob", [*["accept"] * 3, "skip", *["accept"] * 2])
    assert "All judged." in page.locator(".rs-q-done").inner_text()
    assert page.evaluate("window.hurt") is None

    page.reload()
    page.wait_for_selector(".rs-q-done")
    settle(page)
    press(page, "u")  # what was judged before the page was opened
    page.wait_for_selector(".rs-q-card[data-id]")
    assert shown(page) == "The tide is high."
    settle(page)
    assert stands(page, harbour, "bob", [*["accept"] * 3, "skip", "accept"])


def test_buttons_do_what_their_keys_do_and_answers_become_labels(chromium, tmp_path, tab):
    store = build(tmp_path / "own.duckdb")
    with opened(store, chromium, "1") as address:
        _with_buttons(tab(), store, address)


def _with_buttons(page, store: Path, address: str) -> None:
    begin(page, address, "ada")
    for key, name in (("a", "Accept"), ("↵", "Change"), ("c", "Clear"), ("s", "Skip"), ("u", "Undo"), ("←", "Back")):
        assert page.locator(f".rs-q-act:has(kbd:text-is('{key}'))").inner_text().split()[-1] == name
    page.locator(".rs-q-act", has_text="Accept").click()
    page.locator(".rs-q-act", has_text="Clear").click()
    page.locator("[data-code=EMP]").click()
    press(page, "Enter")  # the focus is not on the code
    settle(page)
    assert stands(page, store, "ada", ["accept", "change"])
    page.get_by_role("button", name="Write to the corpus").click()
    page.wait_for_selector("text=2 judgements written")
    settle(page)
    assert stands(page, store, "ada", [])
    labels = Snapshot.open(store).frames.labels.collect()
    assert labels["annotator"].cast(str).to_list().count("user:ada") == 2
    assert shown(page) == "The map is clear."
    page.get_by_role("link", name="Your labels").click()
    page.wait_for_selector("h1:has-text('Sentences')")
    settle(page)
    assert page.url.endswith("sentences?annotator=user%3Aada")


def test_without_permission_keys_turn_the_pages_and_write_nothing(chromium, tmp_path, tab):
    store = build(tmp_path / "own.duckdb")
    with opened(store, chromium, "") as address:
        _behind_glass(tab(), address)
    assert not Journal(store).path.exists()


def _behind_glass(page, address: str) -> None:
    visit(page, address, ".rs-q-card[data-id]")
    assert "This dashboard only shows." in page.locator(".rs-note").inner_text()
    assert page.locator(".rs-q-codes").count() == 0
    first = shown(page)
    press(page, *"asu1", "Enter")
    assert shown(page) == first
    press(page, "ArrowRight")
    assert shown(page) == "The quay is new."
    press(page, "ArrowLeft")
    assert shown(page) == first
    settle(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_it_fits_and_is_judged_by_touch(desk, harbour, tab, scheme):
    page = tab(width=390, height=844, scheme=scheme)
    begin(page, desk, scheme)
    for _ in range(5):
        page.locator(".rs-q-act", has_text="Accept").click()
    settle(page)
    assert stands(page, harbour, scheme, ["accept"] * 5)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert wide == [0, 0]
    assert page.evaluate("window.hurt") is None
