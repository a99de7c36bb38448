"""Peer Review Analyze, this part of it, against the counts in ../shared/corpora/README.md; skipped without it.

Every file is rebuilt from the tables, and every claim that an annotated copy departs from its raw twin is checked
against a comparison that shares no code with ours.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from corpus.ingest import Summary, check, ingest
from corpus.schemes import scheme
from corpus.store import Snapshot

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "peer-review-analyze"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpora/peer-review-analyze is not here")

SECTION = {
    "MET": 5355, "RWK": 2182, "EXP": 1862, "PDI": 1321, "RES": 1279, "OAL": 985, "DAT": 855, "INT": 734, "ANA": 629,
    "TNF": 465, "BIB": 308, "EXT": 187, "FWK": 115, "ABS": 35,
}  # fmt: skip
ASPECT = {"EMP": 4876, "CMP": 1035, "SUB": 965, "CLA": 697, "IMP": 563, "PNF": 543, "NOV": 422, "REC": 175, "APR": 104}
PURPOSE = {"DSN": 99, "DFT": 14, "SUG": 8, "SMY": 6, "APC": 2, "CRT": 2, "DIS": 1, "QUN": 1}


@pytest.fixture(scope="module")
def ingested(tmp_path_factory) -> tuple[Summary, Snapshot]:
    db = tmp_path_factory.mktemp("pra") / "s.duckdb"
    return ingest([CORPUS], db), Snapshot.open(db)


@pytest.fixture(scope="module")
def rows(ingested):
    """Runs a query on the store."""
    return lambda query: ingested[1]._cursor().sql(query).fetchall()


def test_papers_reviews_and_tags_are_all_there(ingested, rows):
    summary, store = ingested
    info = store.info()
    assert (summary.files, summary.raw_twins) == (721, 721)
    assert (info["papers"], info["reviews"], info["sources"], info["raw twins"]) == (240, 721, 721, 721)
    assert rows("SELECT count(*) FROM spans WHERE kind = 'tag'") == [(10_913,)]


@pytest.mark.parametrize(("layer", "expected"), [("section", SECTION), ("aspect", ASPECT)])
def test_labels_by_code(rows, layer, expected):
    found = dict(rows(f"SELECT code::VARCHAR, count(*) FROM labels WHERE layer = '{layer}' GROUP BY code"))
    assert {code: n for code, n in found.items() if code not in ("none", "CNT")} == expected


def test_purposes_by_spelling(rows):
    found = rows("SELECT raw, count(*) FROM labels WHERE layer = 'purpose' AND code <> 'none' GROUP BY raw")
    assert dict(found) == PURPOSE


def test_papers_have_venue_year_and_decision_from_their_path(rows):
    tree = Counter(path.parts[-2] for path in CORPUS.glob("*/*/*"))
    names = {"Accepted": "accept", "Rejected": "reject", "Withdrawn": "withdrawn"}
    found = rows("SELECT venue, year, decision::VARCHAR, count(*) FROM papers GROUP BY ALL")
    assert set(found) == {("ICLR", 2018, names[name], n) for name, n in tree.items()}
    assert rows("SELECT DISTINCT corpus FROM papers") == [("peer-review-analyze",)]
    keys = {path.name for path in CORPUS.glob("*/*/*")}
    assert {key for (key,) in rows("SELECT paper_key FROM papers")} == keys
    assert rows("SELECT count(*) FROM reviews WHERE NOT regexp_full_match(reviewer, 'R[0-9]+')") == [(0,)]


# The oracle: tags by a pattern of our own, codes by their letters.
ATOM = r"[A-Za-z]{3}[ ]?[-_ ][ ]?(?:[A-Za-z]{3,4})|[A-Z]{3}(?![A-Za-z])|[Nn]ull|NULL"
TAGS = re.compile(
    rf"\[(?:\[|(?=[A-Z]{{3}}-(?:POS|NEG|NEU)))(?:{ATOM}|[,;<> ]*[\[\],;<>][ ]?)+?\]+"
    r"(?![ ]?,[ ]?\[|[ ,]*[A-Z]{3}[-\]])"
)
TOKEN = re.compile(r"[A-Za-z]{3,4}(?: ?[-_] ?[A-Za-z]{3,4})?")


def test_every_tag_yields_its_codes_in_order_and_each_stray_code_a_problem(rows):
    known = {code.code for layer in scheme("peer-review-analyze").layers for code in layer.codes} | {
        "DSN",
        "QUN",
        "NULL",
    }
    labels = defaultdict(list)
    for segment_id, raw in rows("SELECT segment_id, raw FROM labels ORDER BY label_id"):
        labels[segment_id].append(raw)
    tokens, stray = defaultdict(list), Counter()
    spans = 'SELECT segment_id, "start", "end", raw FROM spans JOIN sources USING (source_id) WHERE kind = \'tag\' '
    for segment_id, start, end, data in rows(spans + "ORDER BY source_id, position"):
        for token in TOKEN.findall(data[start:end].decode()):
            if token[:4].upper() == "NULL" or token[:3].upper() in known:
                tokens[segment_id].append(token)
            else:
                stray[token] += 1
    assert labels == tokens
    told = Counter(
        detail.split(" ")[0] for (detail,) in rows("SELECT detail FROM problems WHERE kind = 'unknown_code'")
    )
    assert told == stray
    assert stray.total() > 0


def ink(text: str) -> str:
    return "".join(text.split())


def decoded(text: str) -> str | None:
    """The inside of a JSON string, quotation marks around it aside; null where its escapes are broken."""
    text = text.strip().removeprefix('"')
    if text.endswith('"') and not text.endswith('\\"'):
        text = text[:-1]
    try:
        return json.loads('"' + re.sub(r'(?<!\\)"', r"\"", text) + '"', strict=False)
    except ValueError:
        return None


def differs(annotated: Path, raw: Path) -> bool:
    """Whether the texts differ, white space aside. A copy whose escapes are broken has lost a letter of one."""
    text = annotated.read_text("utf-8")
    text = re.sub(r"(?<!\\)(\\(?:u[0-9a-f]{0,3})?)" + TAGS.pattern + " *", r"\1", text)
    copy, original = decoded(TAGS.sub("", text)), decoded(raw.read_text("utf-8"))
    assert original is not None
    return copy is None or ink(copy) != ink(original)


def test_copies_that_differ_from_raw_are_those_that_an_independent_comparison_finds(rows):
    told = {
        path
        for (path,) in rows("SELECT path FROM problems JOIN sources USING (source_id) WHERE kind = 'differs_from_raw'")
    }
    found = set()
    pairs = rows("SELECT a.path, r.path FROM sources r JOIN sources a ON r.twin_of = a.source_id")
    for annotated, raw in pairs:
        if differs(CORPUS.parent / annotated, CORPUS.parent / raw):
            found.add(annotated)
    assert len(pairs) == 721
    assert found == told
    assert 0.1 < len(told) / 721 < 0.25


def test_each_raw_twin_belongs_to_the_annotated_file_of_its_folder_and_reviewer(rows):
    for annotated, raw in rows("SELECT a.path, r.path FROM sources r JOIN sources a ON r.twin_of = a.source_id"):
        one, other = Path(annotated), Path(raw)
        assert one.parent.parent == other.parent.parent
        assert re.search(r"-(R\d+)", one.name[-20:])[1] == re.search(r"-(R\d+)", other.name[-20:])[1]


def test_every_file_is_rebuilt_from_the_tables(rows):
    spans = defaultdict(list)
    for source_id, start, end in rows('SELECT source_id, "start", "end" FROM spans ORDER BY source_id, position'):
        spans[source_id].append((start, end))
    sources = rows("SELECT source_id, path, raw FROM sources")
    assert {CORPUS.parent / path for _, path, _ in sources} == {p for p in CORPUS.rglob("*") if p.is_file()}
    for source_id, path, raw in sources:
        assert b"".join(raw[start:end] for start, end in spans[source_id]) == (CORPUS.parent / path).read_bytes()


def literal(raw: str) -> str:
    """The inside of a JSON string; a backslash that escapes nothing stays."""
    raw = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', raw)
    raw = re.sub(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])|\\', lambda m: m[0] if m[1] else r"\\", raw)
    return json.loads(f'"{raw}"', strict=False)


def test_every_segment_is_the_text_of_its_spans(rows):
    pieces = defaultdict(list)
    text_spans = (
        'SELECT segment_id, "start", "end", raw FROM spans JOIN sources USING (source_id) '
        "WHERE kind = 'text' ORDER BY source_id, position"
    )
    for segment_id, start, end, raw in rows(text_spans):
        pieces[segment_id].append(raw[start:end].decode())
    reviews = defaultdict(list)
    for segment_id, review_id, text in rows("SELECT segment_id, review_id, text FROM segments ORDER BY segment_id"):
        reviews[review_id].append((text, "".join(pieces.pop(segment_id, []))))
    assert not pieces, "text spans of no segment"
    plain = 0
    for segments in reviews.values():
        texts, raw = [text for text, _ in segments], [raw for _, raw in segments]
        if texts != [literal(piece) for piece in raw]:
            assert texts == raw
            plain += 1
    assert plain < 10, "files that were never escaped are few in this corpus"


def test_what_is_no_text_is_tags_quotation_marks_and_blanks(rows):
    shapes = {"separator": r'\s*"\s*| *', "tag": r"\[[\[\]A-Za-z\-_,;<> ]+\]"}
    others = 'SELECT "start", "end", kind::VARCHAR, raw FROM spans JOIN sources USING (source_id) '
    for start, end, kind, raw in rows(others + "WHERE kind NOT IN ('text', 'twin')"):
        assert re.fullmatch(shapes[kind], raw[start:end].decode()), (kind, start)


def test_check_counts_the_same(ingested):
    checked, summary = check([CORPUS]), ingested[0]
    for name in ("files", "raw_twins", "papers", "reviews", "segments", "labels"):
        assert getattr(checked, name) == getattr(summary, name), name
    assert dict(checked.by_kind()) == dict(summary.by_kind())


def test_labels_take_at_most_40_bytes_each(ingested):
    labels = ingested[1].frames.labels.collect()
    assert labels.estimated_size() / labels.height <= 40


def test_no_reader_broke_off_and_all_problems_have_a_place(ingested, rows):
    assert "failed_file" not in dict(ingested[0].by_kind())
    assert rows('SELECT DISTINCT kind::VARCHAR FROM problems WHERE "start" IS NULL') == [("misfiled",)]
