"""A review that stands in two corpora: its papers are one when papers are split."""

from __future__ import annotations

import polars as pl
from labelled import SCHEME, papers, write

from corpus.ingest import ingest
from corpus.labeller.answers import answered
from corpus.labeller.fitting import folds
from corpus.labeller.training import documents
from corpus.store import Snapshot


def test_copies_under_another_name_are_never_on_both_sides(tmp_path):
    db = tmp_path / "s.duckdb"
    ingest([write(tmp_path / "one", papers(20, seed=3))], db, corpus="one")
    ingest([write(tmp_path / "two", papers(20, seed=3))], db, corpus="two")
    ingest([write(tmp_path / "three", papers(20, seed=4))], db, corpus="three")
    snapshot = Snapshot.open(db)
    found = answered(snapshot.frames, SCHEME)
    snapshot.close()
    names = [each.paper for each in documents(found)]
    assert len(set(found.reviews["paper"])) == 60
    assert len(set(names)) == 40, "a paper and its copy are one, the others stay apart"
    texts = ["".join(each) for each in found.reviews["texts"]]
    split = pl.DataFrame({"text": texts, "fold": folds(names, 5, 0)})
    assert split.group_by("text").agg(pl.col("fold").n_unique())["fold"].unique().to_list() == [1]


def test_reviews_alike_for_being_short_join_nothing(tmp_path):
    db = tmp_path / "s.duckdb"
    tag = "[[MET-POS], [EMP-POS], [APC], [MAJ]]"
    folder = tmp_path / "brief"
    folder.mkdir()
    for at in range(6):
        (folder / f"p{at}.txt").write_text(f"Good paper.{tag}")
    ingest([folder], db)
    snapshot = Snapshot.open(db)
    found = answered(snapshot.frames, SCHEME)
    snapshot.close()
    assert len({each.paper for each in documents(found)}) == found.reviews["paper"].n_unique() == 6
