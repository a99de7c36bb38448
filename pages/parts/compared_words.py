"""How Compare computes what it shows, in words and formulas, with the sources."""

from __future__ import annotations

from queries.comparison import FLIPS

WORDS = (
    "What is counted is as on Trends. A cohort's value divides two sums over its papers. Papers are drawn again from "
    "all cohorts together, 1,000 times, for percentile intervals at 95 %: a paper that is in two cohorts is drawn in "
    "both, so that the interval of their difference is right even where they overlap.\n\n"
    "The test asks whether two cohorts have the same value: each paper's score, what it adds to the difference if "
    f"they do, gets a sign at random, {FLIPS:,} times. It holds its level also where few papers have a code, which "
    "reading p off the drawn papers does not: of cohorts drawn at random from Peer Review Analyze 4 to 6 % of p are "
    "under .05, be they 5 against 200 papers or 114 against 116; read off the drawn papers it would be 5 to 21 %. "
    f"p comes in steps of 1/{FLIPS + 1:,}, the least there is. q corrects p for all codes and cohorts shown: of the "
    "differences marked at q < .05, 5 % are expected to be none.\n\n"
    "h is Cohen's effect size for two shares; .2 is called small, .5 medium, .8 large. For net polarity it is d, the "
    "difference over the pooled standard deviation of single labels. The ratio is that of the two shares."
)
FORMULAS = (
    r"d = \frac{\sum_{p \in A} x_p}{\sum_{p \in A} n_p} - \frac{\sum_{p \in B} x_p}{\sum_{p \in B} n_p} = \sum_p u_p "
    r"\qquad u_p = \frac{x^A_p - r\,n^A_p}{\sum n^A} - \frac{x^B_p - r\,n^B_p}{\sum n^B} \qquad "
    r"r = \frac{\sum x^A + \sum x^B}{\sum n^A + \sum n^B}",
    r"p = \frac{1 + \#\{|\sum_p \pm u_p| \ge |d|\}}{1 + \text{flips}} \qquad "
    r"h = 2 \arcsin \sqrt{s_A} - 2 \arcsin \sqrt{s_B}",
)
SOURCES = (
    (
        "Davison & Hinkley 1997, Bootstrap Methods and their Application, section 3.8",
        "https://doi.org/10.1017/CBO9780511802843",
    ),
    (
        "Hemerik, Goeman & Finos 2020, Robust testing in generalized linear models by sign flipping score "
        "contributions",
        "https://doi.org/10.1111/rssb.12369",
    ),
    (
        "Benjamini & Hochberg 1995, Controlling the false discovery rate",
        "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
    ),
    ("Cohen 1988, Statistical Power Analysis for the Behavioral Sciences", "https://doi.org/10.4324/9780203771587"),
)
