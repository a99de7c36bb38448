"""What the page Agreement says of how it computes, with formulas and sources."""

COMPARED = (
    "Over the whole reviews of the selection. Compared are sentences that <b>both</b> of two annotators labelled in a "
    "layer; which share of those that either labelled this is stands under <i>Compared</i>. Models are never among the "
    "people; a model and a person are compared on all that both answered, where its guess gives way elsewhere. It "
    "agrees more on sentences that it learnt from than on others. A click on a dot chooses its layer."
)

WORDS = """
**Krippendorff’s α** sets the disagreement of annotators against that expected if their answers were shuffled: 1 is
perfect, 0 chance, below 0 worse. It takes any number of annotators and missing answers. Where one may give a sentence
several codes, two answers differ by **MASI**: not at all if they are the same set, wholly if they share nothing, and in
between according to what they share. **Which polarity** is asked where both gave one, **whether to label** of all
sentences of the reviews that both labelled in the layer; it is shown where two people labelled under nine in ten.

**Cohen’s κ** is of one pair, with each annotator’s own frequencies as chance; a set of codes is one answer there. In
the **matrix** what both gave stands on the diagonal; what only one gave stands against all that only the other gave,
against “–” if that is nothing. **By code**, α is of having the code or not.

Krippendorff relies on data from α = .800 on and draws tentative conclusions from .667 on: customs, not laws, and
meant for annotators who follow instructions. **Gold labels** may have been made from those of the others; agreement
with them is then no agreement of independent people. Where labels are on stretches of text, annotators cut a review in
different places: a label counts for every segment with which it shares half of the shorter of the two, and segments of
under three words, crumbs between stretches, do not count.

**Reviewers** follow no instruction: they may rightly see different things, and a low α among them is a finding, not a
fault of the data. Compared are the net sides of two or more reviews of one paper on one code: negative, positive, or
between the two where its labels are neutral or even. *Ordered* takes neutral to lie between the others, *nominal* does
not. *Opposed* is the share of pairs that take sides and take opposite ones, as on the page *Contradictions*.

**Intervals** (95 %) draw the papers again a thousand times, with all that belongs to them. Grey and hollow: under 30
papers or 5 observations.
"""
FORMULAS = (
    r"\alpha = 1 - \frac{D_o}{D_e}, \quad "
    r"D_o = \frac{1}{n} \sum_u \sum_{i \neq j} \frac{\delta(c_{ui}, c_{uj})}{m_u - 1}, "
    r"\quad D_e = \frac{1}{n (n-1)} \sum_{c,k} n_c\, n_k\, \delta(c, k)",
    r"\delta_{\text{MASI}}(A, B) = 1 - \frac{|A \cap B|}{|A \cup B|}\, M, \quad"
    r"M = 1,\ \tfrac{2}{3},\ \tfrac{1}{3},\ 0 \text{ for equal, nested, overlapping, disjoint sets}",
    r"\kappa = \frac{p_o - p_e}{1 - p_e}",
)
SOURCES = (
    (
        "Krippendorff 2011, Computing Krippendorff’s Alpha-Reliability",
        "https://repository.upenn.edu/asc_papers/43",
    ),
    (
        "Krippendorff 2004, Reliability in content analysis: some common misconceptions and recommendations",
        "https://doi.org/10.1111/j.1468-2958.2004.tb00738.x",
    ),
    ("Passonneau 2006, Measuring agreement on set-valued items (MASI)", "https://aclanthology.org/L06-1392/"),
    ("Cohen 1960, A coefficient of agreement for nominal scales", "https://doi.org/10.1177/001316446002000104"),
    ("Davison & Hinkley 1997, resampling clusters", "https://doi.org/10.1017/CBO9780511802843"),
)
