"""How a labeller learns and how it is measured: in words, as formulas, with their sources."""

WORDS = """
**Learning.** For each sentence there are words, pairs of words and stretches of letters, hashed; what the sentences
around it say; where it stands in the review. A linear model with averaged stochastic gradient descent learns every
layer of the scheme at once; a second one leans on the first one's guesses about the sentences around. Papers are split,
never sentences: **one paper in five is kept apart**, and the figures of the report are those of a model that did not
see it; the labeller that is kept learns from these papers too, once they have served. What is chosen on the way (how
long to learn, calibration, thresholds) is chosen on the other papers, each labelled by a model that had not seen it.

**F1** of a code weighs how many of its labels people gave too (precision) against how many of people's it found
(recall). *Micro* counts all labels of a layer alike, *macro* all codes alike, however rare. *Exact* is the share of
sentences with all codes right and no other. The bar is a 95 % interval: Wilson's for the share of sentences given the
code by both among those given it by either, put through the same formula. Sentences of a review are not independent, so
the true one is wider. **Codes under .40 are grey**: their labels are hints, not measurements. Where fewer than five
held-out sentences have a code, its F1 says little whatever it is.

**Confidence** is a probability, corrected on papers that the model had not seen (Platt). The calibration error is the
mean distance between how sure the labeller is of its likeliest code and how often that is right, over ten bins.

**Stated precision.** For each code a threshold is chosen above which its guesses were right as often as stated; what is
less sure is left unlabelled. *Reached* is how often the labels given at these thresholds are right on the held-out
papers, *labelled* the share of sentences that get any. On other venues than it learnt from a labeller does worse than
its report says.

A label of a model never takes the place of a person's.
"""

FORMULAS = (
    r"F_1 = \frac{2\,n_{both}}{n_{people} + n_{model}} = \frac{2J}{1+J}, \qquad "
    r"J = \frac{n_{both}}{n_{people} + n_{model} - n_{both}}",
    r"\mathrm{ECE} = \sum_{b=1}^{10} \frac{n_b}{n}\,\bigl|\,\mathrm{right}_b - \mathrm{confidence}_b\,\bigr|",
)

SOURCES = (
    (
        "Goutte & Gaussier (2005): A probabilistic interpretation of precision, recall and F-score",
        "https://doi.org/10.1007/978-3-540-31865-1_25",
    ),
    ("Guo et al. (2017): On calibration of modern neural networks", "https://arxiv.org/abs/1706.04599"),
    (
        "Niculescu-Mizil & Caruana (2005): Predicting good probabilities with supervised learning",
        "https://doi.org/10.1145/1102351.1102430",
    ),
    ("Wilson (1927): Probable inference", "https://doi.org/10.1080/01621459.1927.10502953"),
)
