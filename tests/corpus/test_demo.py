"""The demo corpus: every analysis finds something in it to show, and no two reviews share their wording."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import demo_database
from corpus.schemes import COMMON_ASPECTS
from corpus.store import Snapshot
from queries.crosswalk import crosswalk
from queries.near_duplicates import near_duplicates

#: The defects that some files are meant to have; a reader meets no other.
DEFECTS = {
    *("split_escape", "irregular_code", "differs_from_raw", "malformed_tag", "unexpected_polarity", "unknown_code"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Snapshot:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return Snapshot.open(demo_database())


@pytest.fixture(scope="module")
def judgements(demo) -> pl.DataFrame:
    """What `gold` judged in terms of the shared aspects, with decision, rating and paper."""
    frames = demo.frames
    return (
        crosswalk(frames.labels, frames.codes)
        .filter(pl.col("annotator") == "gold", pl.col("polarity").is_not_null())
        .join(frames.papers.select("paper_id", "venue", "decision"), on="paper_id")
        .join(frames.reviews.select("review_id", "rating"), on="review_id")
        .with_columns(pl.col("code").cast(pl.String), pl.col("polarity").cast(pl.Int64))
        .collect()
    )


def test_it_is_read_without_problems_but_those_it_is_meant_to_have(demo):
    assert set(demo.problems()["kind"]) == DEFECTS


def test_the_readme_counts_its_papers(demo):
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert f"{demo.info()['papers']} invented papers of three invented venues" in readme


def test_enough_papers_were_accepted_and_rejected_to_compare_them(demo):
    papers = demo.frames.papers.collect()
    decided = Counter(papers["decision"].cast(pl.String))
    assert decided["accept"] >= 30
    assert decided["reject"] >= 30
    for column in ("title", "venue", "year", "track", "keywords", "abstract"):
        assert papers[column].null_count() == 0, column


def test_its_venues_and_years_are_of_very_different_sizes(demo):
    papers = demo.frames.papers.collect()
    assert papers["venue"].n_unique() == 3
    assert papers["year"].n_unique() == 3
    sizes = papers.group_by("venue", "year").len()["len"]
    assert sizes.max() >= 10 * sizes.min()
    assert papers.group_by("venue").agg(pl.col("track").n_unique())["track"].min() >= 2


def test_most_rejected_papers_were_found_wanting_but_not_all(judgements):
    negative = (pl.col("polarity") == -1).mean()
    shares = judgements.group_by("decision", "code").agg(negative.alias("share"))
    by = {(row["decision"], row["code"]): row["share"] for row in shares.iter_rows(named=True)}
    for aspect in ("clarity", "originality", "soundness", "substance"):
        assert by["reject", aspect] > by["accept", aspect], aspect
    net = judgements.group_by("paper_id", "decision").agg(pl.col("polarity").mean())
    accepted, rejected = (net.filter(pl.col("decision") == d)["polarity"] for d in ("accept", "reject"))
    assert accepted.min() < rejected.median() < accepted.median() < rejected.max()


def test_ratings_follow_the_labels_but_for_a_few(judgements):
    rated = (
        judgements.filter(pl.col("rating").is_not_null())
        .group_by("review_id")
        .agg(pl.col("rating").first(), pl.col("polarity").mean())
    )
    assert rated.height >= 100
    assert 0.5 < rated.select(pl.corr("rating", "polarity")).item() < 0.9
    glowing = rated.filter((pl.col("rating") <= 4) & (pl.col("polarity") > 0.5)).height
    scathing = rated.filter((pl.col("rating") >= 8) & (pl.col("polarity") < -0.5)).height
    assert glowing >= 2
    assert scathing >= 2
    assert glowing + scathing <= 5


def test_two_schemes_ask_for_the_same_aspects(demo):
    frames = demo.frames
    used = frames.labels.select("scheme", "layer", "code").unique()
    common = used.join(frames.codes, on=["scheme", "layer", "code"]).filter(pl.col("common").is_not_null()).collect()
    asking = common.group_by("common").agg(pl.col("scheme").n_unique())
    shared = set(asking.filter(pl.col("scheme") >= 2)["common"].cast(pl.String)) & set(COMMON_ASPECTS)
    assert {"clarity", "originality", "soundness", "substance", "impact", "comparison"} <= shared


@pytest.mark.parametrize(
    ("scheme", "layer", "least"), [("disapere", "aspect", 150), ("disapere", "review_action", 150)]
)
def test_people_labelled_the_same_sentences_and_did_not_always_agree(demo, scheme, layer, least):
    labels = demo.frames.labels.filter(pl.col("scheme") == scheme, pl.col("layer") == layer).collect()
    given = pl.concat_str(pl.col("code").cast(pl.String), pl.col("polarity").cast(pl.String), ignore_nulls=True)
    people = sorted(labels["annotator"].unique().cast(pl.String))
    assert people == ["anno2", "anno3", "gold"]
    by = labels.with_columns(given.alias("given")).pivot("annotator", index="segment_id", values="given")
    for first, second in (*pairwise(people), (people[0], people[-1])):
        both = by.drop_nulls([first, second])
        assert both.height >= least
        assert 0.4 < (both[first] == both[second]).mean() < 0.95


def test_rebuttals_answer_sentences(demo):
    kinds = Counter(demo.frames.reviews.collect()["kind"].cast(pl.String))
    assert kinds["rebuttal"] >= 50
    papers = demo.frames.papers.collect()["paper_id"]
    aligned = pl.concat([demo.alignments(paper) for paper in papers])
    assert aligned.height >= 150


def test_reviews_themselves_were_judged(demo):
    whole = demo.frames.labels.filter(pl.col("segment_id").is_null()).collect()
    assert set(whole["scheme"].cast(pl.String)) == {"review-quality"}
    assert whole["review_id"].n_unique() >= 14
    assert whole["polarity"].n_unique() == 3


def test_claims_have_evidence_or_lack_it(demo):
    labels = demo.frames.labels.filter(pl.col("scheme") == "substanreview").collect()
    assert set(labels["annotator"].cast(pl.String)) == {"gold", "annotator_1", "annotator_2"}
    gold = Counter(labels.filter(pl.col("annotator") == "gold")["code"].cast(pl.String))
    assert gold["Eval"] > gold["Jus"] > 10


def test_reviewers_contradict_each_other(judgements):
    held = judgements.group_by("paper_id", "code", "review_id").agg(pl.col("polarity").mean())
    opposed = held.group_by("paper_id", "code").agg(pl.col("polarity").min().alias("low"), pl.col("polarity").max())
    assert opposed.filter((pl.col("low") <= -0.5) & (pl.col("polarity") >= 0.5))["paper_id"].n_unique() >= 5


def test_no_two_reviews_are_made_of_the_same_phrases(demo):
    """Runs of six words that two reviews have in common: idioms, not sentences with other words filled in."""
    alike = near_duplicates(demo.frames, size=6, least=0.005).collect()
    assert alike.filter(pl.col("n_shared") > 4).height == 0
