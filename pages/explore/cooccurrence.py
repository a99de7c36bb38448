"""Co-occurrence: which codes stand together more often than chance would have it, which less often."""

from pages.parts import charts, frames, method, offered, pair_matrix, paired, sheets, states
from queries.counts import counts

chosen = frames.selection()
sheets.style("paired")
n = frames.collect(chosen, "co-occurrence: counts", counts=counts(chosen.frames))["counts"]
question = "Which codes come together, and which keep apart?"
if states.heading("Co-occurrence", chosen, n, question) and not states.no_labels(n):
    on = paired.asked(offered.used(chosen))
    found = frames.collect(chosen, f"co-occurrence {on.key}", **paired.plans(chosen.frames, on))
    pairs = paired.gathered(found, on)
    if not paired.nothing(pairs, found["each"]):
        first = pairs.once[0][1]
        states.thin(first["n_papers"], "What rests on them")
        charts.caption(paired.words(first, on))
        pair_matrix.matrix(pairs, chosen.filters)
        pair_matrix.legend(pairs)
        paired.twin(pairs)
        pair_matrix.ranked(pairs, chosen.filters)
    method.computed(
        """
A **unit** (a sentence, a review, all reviews of a paper) counts once, whoever labelled it and however often, if it has
labels in both layers. The code *none* is such a label, as it says that no code holds, but is not paired itself; *cannot
tell* says nothing and does not count. Where several people labelled one unit it has the codes that any of them gave:
*Filters → Annotator* chooses one. A layer with itself has each pair once, and its diagonal is left out.

**Lift** sets how often two codes come together against how often they would if they had nothing to do with each other:
1 is chance, 2 twice that. **PMI** is its logarithm, **PPMI** leaves out what is below chance. Both say little of pairs
that chance would seldom bring together: cells under five, seen and expected, are hollow. The **interval** comes from
drawing the papers again a thousand times, as sentences of one paper hang together.

**phi** is the correlation of the two codes. **G²** asks whether a pair departs from chance at all, as if units were
independent; it is divided by the **design effect** of the papers before it is judged, and **q** allows for as many
pairs as there are. *Alike side by side* puts codes next to each other whose phi with all others is alike.
""",
        formulas=[
            r"\text{lift} = \frac{P(ab)}{P(a)\,P(b)} = \frac{n_{ab}\,n}{n_a\,n_b} \qquad "
            r"\text{PMI} = \log_2 \text{lift} \qquad \text{PPMI} = \max(0, \text{PMI})",
            r"\varphi = \frac{n\,n_{ab} - n_a n_b}{\sqrt{n_a (n - n_a)\, n_b (n - n_b)}} \qquad "
            r"G^2 = \pm\, 2 \sum_{\text{cells}} O \ln \frac{O}{E}",
        ],
        sources=[
            ("Church & Hanks 1990, word association norms", "https://aclanthology.org/J90-1003/"),
            ("Bullinaria & Levy 2007, positive PMI", "https://doi.org/10.3758/BF03193020"),
            ("Dunning 1993, likelihood ratios of counts", "https://aclanthology.org/J93-1003/"),
            ("Rao & Scott 1984, tests on clustered counts", "https://doi.org/10.1214/aos/1176346391"),
            ("Benjamini & Hochberg 1995, many tests", "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x"),
            ("Davison & Hinkley 1997, resampling clusters", "https://doi.org/10.1017/CBO9780511802843"),
            ("Bar-Joseph et al. 2001, order of leaves", "https://doi.org/10.1093/bioinformatics/17.suppl_1.S22"),
        ],
    )
