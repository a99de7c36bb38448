"""What pages ask of a million labels, 30,000 reviews of 10,000 papers. Run: uv run pytest -m bench -n 0 -s

Each is told in seconds and as a multiple of one count in DuckDB, of the same labels by paper, code and polarity, run
beside it: that is what a dashboard on SQL would do at the least for its simplest chart.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import polars as pl
import pytest
import synthetic
from clock import best_of

from corpus.tables import Frames
from queries.agreement import agreement
from queries.attention import attention
from queries.blind_spots import blind_spots
from queries.code_agreement import code_agreement
from queries.collocates import collocates
from queries.comparison import comparison
from queries.confusion import confusion
from queries.contradicted_papers import contradicted_papers
from queries.contradiction_rates import contradiction_rates
from queries.cooccurrence import cooccurrence
from queries.decision_calibration import decision_calibration
from queries.decision_odds import decision_odds
from queries.dispersion import dispersion
from queries.filters import Filters
from queries.keyness import keyness
from queries.kwic import kwic
from queries.label_design import label_design
from queries.mismatch import mismatch
from queries.out_of_fold import out_of_fold
from queries.profile import profile
from queries.profile_intervals import profile_intervals
from queries.reading_set import reading_set
from queries.review_measures import review_measures
from queries.reviewer_agreement import reviewer_agreement
from queries.shape import shape
from queries.shape_outliers import shape_outliers
from queries.trend import trend
from queries.warning_signs import warning_signs

pytestmark = pytest.mark.bench

SQL = "SELECT paper_id, code, polarity, count(*), count(DISTINCT review_id) FROM labels GROUP BY ALL ORDER BY ALL"
PAPER = 77


def accepted(frames: Frames) -> Frames:
    return Filters(decisions=("accept",)).apply(frames)


def rejected(frames: Frames) -> Frames:
    return Filters(decisions=("reject",)).apply(frames)


def found(frames: Frames) -> Frames:
    """The selection that a search leaves."""
    return Filters(text="baseline").apply(frames)


PLANS: dict[str, Callable[[Frames], pl.LazyFrame]] = {
    "Papers: profile": lambda f: profile(f.labels),
    "Trends": lambda f: trend(f, layer="aspect", over="year"),
    "Trends by venue": lambda f: trend(f, layer="aspect", over="year", split="venue"),
    "Compare": lambda f: comparison([accepted(f), rejected(f)], layer="aspect"),
    "Words": lambda f: keyness(accepted(f).segments, rejected(f).segments),
    "Words: pairs": lambda f: keyness(accepted(f).segments, rejected(f).segments, unit="bigram"),
    "Co-occurrence": lambda f: cooccurrence(f, rows="section", columns="aspect"),
    "Co-occurrence in reviews": lambda f: cooccurrence(f, rows="aspect", columns="aspect", unit="review"),
    "Review shape": lambda f: shape(f, layer="aspect"),
    "Review shape: outliers": lambda f: shape_outliers(f, layer="aspect"),
    "Paper: profile with intervals": lambda f: profile_intervals(f, only=[PAPER]),
    "Paper: blind spots": lambda f: blind_spots(f, only=[PAPER]),
    "Paper: reading set": lambda f: reading_set(Filters(papers=(f"made-up/p{PAPER:06}",)).apply(f)),
    "Concordance: first lines": lambda f: kwic(found(f), pattern="(?i)baseline", n=50),
    "Concordance: sorted by the next word": lambda f: kwic(found(f), pattern="(?i)baseline", order="right1", n=50),
    "Concordance: dispersion": lambda f: dispersion(found(f), pattern="(?i)baseline", around=f.segments),
    "Concordance: collocates": lambda f: collocates(f, pattern="(?i)baseline"),
    "Contradictions": lambda f: contradiction_rates(f),
    "Contradictions: papers": lambda f: contradicted_papers(f),
    "Attention": lambda f: attention(warning_signs(f)),
    "Mismatch": lambda f: mismatch(f),
    "Decisions: odds ratios": lambda f: decision_odds(f),
    "Decisions: calibration": lambda f: decision_calibration(out_of_fold(label_design(f), of="decision")),
    "Agreement": lambda f: agreement(f, layer="aspect"),
    "Agreement by code": lambda f: code_agreement(f, layer="aspect"),
    "Agreement: confusion": lambda f: confusion(f, layer="aspect", first="gold", second="anno2"),
    "Agreement of reviewers": lambda f: reviewer_agreement(f),
    "Quality: measures of every review": lambda f: review_measures(f),
}


@pytest.fixture(scope="module")
def frames() -> Frames:
    return synthetic.frames()


@pytest.fixture(scope="module")
def counting(frames) -> float:
    connection = duckdb.connect()
    labels = frames.labels.collect()
    connection.register("given", labels)
    connection.execute("CREATE TABLE labels AS FROM given")
    seconds = best_of(3, lambda: connection.sql(SQL).pl())
    print(f"\none count of {labels.height:,} labels in DuckDB: {seconds:.2f} s")
    return seconds


@pytest.mark.parametrize("name", PLANS)
def test_a_page_on_a_million_labels(frames, counting, name):
    seconds = best_of(2, lambda: PLANS[name](frames).collect())
    print(f"\n{name}: {seconds:.2f} s, {seconds / counting:.1f} times the count")
    assert seconds / counting <= 20
