"""Review shape: what reviews do from their first sentence to their last, and which do otherwise."""

from pages.parts import charts, course_charts, courses, frames, method, offered, sheets, states

chosen = frames.selection()
sheets.style("courses")
question = "What do reviews do from their first to their last sentence?"
n = courses.count(chosen)
if states.heading("Review shape", chosen, n, question) and not states.no_labels(n):
    on, groups = courses.asked(chosen, offered.used(chosen))
    found = courses.courses(chosen, on, groups)
    if not courses.nothing(found, on, chosen.filters):
        states.thin(max(course.n_papers for course in found))
        course_charts.draw(found)
        charts.caption(course_charts.leads(found))
        course_charts.twin(found)
        sheets.section("parts", "One by one")
        course_charts.panels(found)
        course_charts.outliers(found, most=courses.LISTED if len(found) < 2 else courses.LISTED // 2)
    method.computed(
        """
Each sentence of a review takes up the same part of its length, labelled or not, and lies in the tenths that this
stretch overlaps: the one sentence of a review of one lies in all ten. So every review weighs the same in every tenth,
however long it is, and cutting every sentence in two changes nothing. A **share** is what a code has of the labelled
sentences that lie in a tenth; a sentence with several codes, or several annotators who differ, counts for each in equal
parts. *No aspect* and *cannot tell* are answers like others here; sentences without a label in the layer are left out
of the shares, but keep their places. Where filters choose some sentences of a review, their places stay those in the
whole review. Only reviews count, unless a filter names another kind.

The **band** is a 95 % interval from drawing the papers again a thousand times. Tenths with fewer than 30 papers or five
labelled sentences are grey, and no line is drawn through them.

**Unlike the others** are the reviews with the largest mean Jensen-Shannon distance to the mean course, over the tenths
in which they have labelled sentences. Both courses are smoothed over neighbouring tenths (weights 1, 2, 1), and one
sentence of the mean course is added to each tenth of the review: a short review has to depart further than a long one.
""",
        formulas=[
            r"\text{share}_{bc} = \frac{\sum_r \sum_{s \in r} w_{sb}\, [c \in s] / |s|}{\sum_r \sum_{s \in r} w_{sb}\,"
            r" [s \neq \emptyset]} \qquad w_{sb} = 10\, \Big| \big[\tfrac{i_s}{m_r}, \tfrac{i_s + 1}{m_r}\big] \cap "
            r"\big[\tfrac{b}{10}, \tfrac{b + 1}{10}\big] \Big|",
            r"d(r) = \operatorname{mean}_b \sqrt{\tfrac12 \mathrm{KL}(p_{rb} \,\|\, m)"
            r" + \tfrac12 \mathrm{KL}(q_b \,\|\, m)} \qquad m = \tfrac12 (p_{rb} + q_b)",
        ],
        sources=[
            ("Davison & Hinkley 1997, resampling clusters", "https://doi.org/10.1017/CBO9780511802843"),
            ("Endres & Schindelin 2003, a metric for distributions", "https://doi.org/10.1109/TIT.2003.813506"),
            ("Lin 1991, Shannon divergences", "https://doi.org/10.1109/18.61115"),
        ],
    )
