"""How the review queue orders sentences and what becomes of answers, in words."""

WORDS = (
    "A model labels a sentence where its probability reaches a **threshold**. How far the probability p lies from "
    "the threshold t is the label’s **margin**, from 0 at the threshold to 1; a sentence is as *unsure* as its "
    "label with the least margin. Where a model says no thresholds, t is ½. *Least sure* begins with the "
    "sentences whose judgement tells a next training most. *At odds with people* holds sentences that people "
    "answered otherwise: how far two answers are apart is the share of the labels that only one of them gave, "
    "averaged over people; among equals those come first of which the model is surest, as there the people’s "
    "label is most likely to be wrong. *Random sample* draws by what sentences are called in their corpora: "
    "however far you get, what is judged is a random sample of the sentences that the model labelled, that nobody "
    "else had labelled and that you had not written to the corpus before, so that the share of accepted ones "
    "estimates how often the model’s whole answer is right, with its Wilson interval. Skipped sentences do not "
    "count: if you skip the hard ones, it flatters the model; so may that you see the model’s answer before you "
    "give yours. *Left unlabelled* are sentences without a label of the model in the layer, in reviews that it "
    "labelled, in random order. Codes greyed with ? are those that the model does not know well.\n\n"
    "Each answer goes to a **journal** beside the database at once and becomes a label by `user:` and your name "
    "when it is written to the corpus, in place of labels that you gave the sentence in this layer before. "
    "Accepting gives the model’s labels as yours. A skipped sentence gets no label and comes back once the "
    "journal is written. Names are taken as they are typed: whoever can judge here can judge under any name. "
    "Yours is remembered by this browser."
)
FORMULAS = (
    r"\text{unsure}=1-\min_{\text{labels}}\begin{cases}\dfrac{p-t}{1-t}&p\ge t\\[1ex]\dfrac{t-p}{t}&p<t\end{cases}",
    r"\text{at odds}=\frac1{|A|}\sum_{a\in A}\left(1-\frac{|M\cap L_a|}{|M\cup L_a|}\right)",
)
SOURCES = (
    (
        "Lewis and Gale 1994, A sequential algorithm for training text classifiers: uncertainty sampling",
        "https://doi.org/10.1007/978-1-4471-2099-5_1",
    ),
    (
        "Northcutt, Jiang and Chuang 2021, Confident learning: estimating uncertainty in dataset labels",
        "https://doi.org/10.1613/jair.1.12125",
    ),
    (
        "Wilson 1927, Probable inference, the law of succession, and statistical inference",
        "https://doi.org/10.1080/01621459.1927.10502953",
    ),
)
