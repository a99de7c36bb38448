"""How key words are computed, in words, formulas and sources."""

from __future__ import annotations

from queries.keyness import DRAWN, LEAST, LEAST_PAPERS, PRIOR, SIGNIFICANT
from queries.terms import MOST_SEGMENTS

WORDS = f"""
A word is a run of letters and digits, with hyphens and apostrophes inside it, in lower case; a pair of words does not
cross the border of a sentence. A word that occurs $a$ times among the $N_A$ words of one side is set against its $b$ of
$N_B$ on the other. There is no list of stop words: a word that both use alike is not key. Counted is what occurs at
least {LEAST} times in both together, and in at least {LEAST_PAPERS} papers of the side that uses it more; in reviews
only, unless the filters name other kinds.

**G²** tells how much evidence there is for a difference; frequent words win. Its *q* is corrected over all terms
(Benjamini & Hochberg), but takes each word as drawn by itself. **Log ratio** tells how large the difference is: 1 is
twice as often, 2 four times; rare words win, so those with q above {SIGNIFICANT} come after the others. An $a$ or $b$
of 0 counts as 0.5 there. **Log-odds** with a prior is in between: z of the difference in log-odds, after
{PRIOR:.0f} words, spread as in both sides together, are added to each.

Words of one paper are not drawn one by one: a paper on programs has *program* in each of its reviews. So the first
{DRAWN} of each side and measure come with the **95 % interval** of the log ratio when papers are drawn again, with all
their words on both sides (above 1,000 papers, in 1,000 bundles), and **DP** tells how unevenly a term is spread over
papers: 0 as their lengths let expect, near 1 all in one. A term is grey where its interval holds 0 or its q is above
{SIGNIFICANT}. An interval is for its own term: the first of a long ranking look stronger than they are.

In the picture both axes are stretched in the same way, by rank; the diagonal is the same rate on both sides. Counts are
spread within half a unit so that rare words do not hide each other, and a 0 stands at 0.5. Above {MOST_SEGMENTS:,}
sentences papers are sampled, and the page says so. The concordance of a term also finds it inside hyphenated words.
"""

FORMULAS = (
    r"G^2 = 2 \sum_{\text{4 cells}} O \ln \frac{O}{E}, \qquad E_a = N_A \frac{a+b}{N_A+N_B}",
    r"\text{log ratio} = \log_2 \frac{a / N_A}{b / N_B}",
    r"\delta = \ln\frac{a+\alpha}{N_A+\alpha_0-a-\alpha} - \ln\frac{b+\alpha}{N_B+\alpha_0-b-\alpha},"
    r"\quad \alpha = \alpha_0\frac{a+b}{N_A+N_B}",
    r"z = \delta \Big/ \sqrt{\tfrac{1}{a+\alpha}+\tfrac{1}{b+\alpha}}",
    r"DP = \tfrac{1}{2} \sum_{\text{papers}} \left| \frac{a_p}{a} - \frac{N_p}{N_A} \right|",
)

SOURCES = (
    (
        "Dunning 1993, Accurate methods for the statistics of surprise and coincidence",
        "https://aclanthology.org/J93-1003",
    ),
    ("Rayson & Garside 2000, Comparing corpora using frequency profiling", "https://doi.org/10.3115/1117729.1117730"),
    (
        "Hardie 2014, Log Ratio: an informal introduction",
        "https://cass.lancs.ac.uk/log-ratio-an-informal-introduction/",
    ),
    ("Monroe, Colaresi & Quinn 2008, Fightin’ Words", "https://doi.org/10.1093/pan/mpn018"),
    ("Benjamini & Hochberg 1995", "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x"),
    ("Gries 2008, Dispersions and adjusted frequencies in corpora", "https://doi.org/10.1075/ijcl.13.4.02gri"),
    ("Lijffijt et al. 2016, Significance testing of word frequencies in corpora", "https://doi.org/10.1093/llc/fqu064"),
    ("Kessler 2017, Scattertext", "https://doi.org/10.18653/v1/P17-4015"),
)
