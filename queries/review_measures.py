"""Review measures: what can be counted of a review itself, its wording first, then what its labels say of it.

All of them are proxies: a review with many pointers need not be a good one. What is counted is told by the patterns
and lists of words below, which are matched in linear time and in any case of letters unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from corpus.tables import Frames

#: An edge of a word. That of ASCII: with Unicode's a text with a single accent takes ten times as long.
_EDGE = r"(?-u:\b)"

#: Words are runs of characters between white space, as in the table of reviews; sentences are counted by their ends.
_WORD = r"\S+"
_ABBREVIATION = _EDGE + (
    r"(?i:e\.\s?g|i\.\s?e|et al|cf|vs|viz|w\.r\.t|resp|approx|incl|dr|prof|"
    r"figs?|tabs?|eqn?s?|secs?|sect|refs?|alg|thm|pp?)\."
)
_SENTENCE_END = r"""[.!?…]+[)\]"'”’]*(?:\s|$)"""
_NO_LETTER = r"[^\p{L}\p{N}]"

#: Numbers that only count the points of a list are no pointers.
_LISTED = r"(?m)^\s*[(\[]?\d{1,2}[.)\]:]\s"
_PLACE = _EDGE + (
    r"(?i:sections?|secs?\.|sect\.|figures?|figs?\.?|tables?|tabs?\.|equations?|eqn?s?\.?|theorems?|lemmas?|"
    r"propositions?|corollary|definitions?|assumptions?|algorithms?|alg\.|appendix|appendices|chapters?|footnotes?|"
    r"paragraphs?|lines?|pages?|pp?\.|l\.)\s?[(#]?(?:\d+(?:\.\d+)*|[A-HJ-Z](?-u:\b)|[IVX]{2,}(?-u:\b))|§\s?\d+"
)
_CITATION = (
    r"\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\]"
    r"|\p{Lu}[\p{L}'’-]+(?:,? (?:and|&) \p{Lu}[\p{L}'’-]+|,? et al\.?)?,? ?[(\[]?(?:19|20)\d\d[a-z]?(?-u:\b)"
    r"|(?-u:\b)et al(?-u:\b)|https?://|(?-u:\b)arXiv(?-u:\b)"
)
_QUOTE = r"""“[^”\n]+ [^”\n]+”|"[^"\n]+ [^"\n]+"|``[^'\n]+ [^'\n]+''"""
_NUMBER = r"(?-u:\b)\d+(?:[.,]\d+)*(?-u:\b)"
#: Where a review points at a place, a source, a passage or a figure; what stands in one is not counted in another.
POINTER = f"{_PLACE}|{_CITATION}|{_QUOTE}|{_NUMBER}"

#: Marks of a wish, one of which makes a sentence a suggestion.
SUGGESTION = (
    r"should|could|please|suggest(?:s|ed|ions?)?|recommend(?:s|ed|ations?)?|consider(?:ing)?|ought to|needs? to|"
    r"encourage|advise|(?:would|might|may) be (?:\w+ )?(?:good|nice|great|better|best|helpful|useful|interesting|"
    r"beneficial|valuable|worth\w*)|would (?:like|love|prefer|help|benefit|improve|strengthen)"
)
COURTESY = (
    r"please|thanks?|grateful|appreciate[sd]?|kindly|sorry|apologi[sz]e|apologies|glad|pleased|pleasure|"
    r"enjoy(?:ed|able)?|congratulat\w+|well done"
)
HEDGE = (
    r"may|might|could|perhaps|maybe|possibly|probably|likely|unlikely|seems?|seemed|seemingly|appears?|appeared|"
    r"somewhat|rather|arguably|presumably|roughly|relatively|suspect|wonder|not (?:entirely |fully |quite )?"
    r"(?:sure|certain|convinced)|i (?:think|believe|feel|guess)|in my (?:opinion|view)|to my knowledge|"
    r"if i understand|as far as i"
)
BLUNT = (
    r"poor(?:ly)?|terribl[ey]|awful(?:ly)?|horribl[ey]|useless|worthless|meaningless|pointless|nonsense|nonsensical|"
    r"absurd|ridiculous|laughable|sloppy|careless(?:ly)?|lazy|naive|trivial(?:ly)?|obviously|makes? no sense|no merit|"
    r"waste of|fails? to|failed to|completely|totally|utterly|blatant(?:ly)?|unacceptable|inexcusable|"
    r"disappoint(?:ing|ed)|incomprehensible|unreadable|wrong(?:ly)?|hopeless(?:ly)?|incompetent"
)

Codes = Mapping[tuple[str, str], tuple[str, ...]]

#: Layers that can tell a question, and a request, with the codes that do.
_QUESTION_CODES: Codes = {
    ("peer-review-analyze", "purpose"): ("QSN",),
    ("disapere", "fine_review_action"): ("arg-request_clarification", "arg-request_explanation"),
}
_REQUEST_CODES: Codes = {("peer-review-analyze", "purpose"): ("SUG",), ("disapere", "review_action"): ("arg_request",)}
#: The layer that tells claims from evidence, with the code of each.
_CLAIMS = (("substanreview", "substantiation"), "Eval", "Jus")

#: Measures that need text only, and those that need labels; in the order in which pages show them.
ON_TEXT = (
    *("n_words", "n_sentences", "sentence_length", "coleman_liau", "specificity"),
    *("questions", "suggestions", "courtesy", "hedges", "bluntness"),
)
ON_LABELS = ("question_labels", "request_labels", "net", "substantiation")
MEASURES = (*ON_TEXT, *ON_LABELS)
_KEY = ("review_id", "paper_id", "corpus", "kind")


def review_measures(
    frames: Frames, *, kinds: tuple[str, ...] = ("review",), worded: pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """One row per review of these kinds; sorted by review_id.

    worded        what `wording` gave for at least these reviews, where it was collected before; null: it is done here
    review_id, paper_id, corpus, kind
    n_words … bluntness
                  see `wording`
    question_labels, request_labels
                  share of the segments labelled in a layer that can say so that are labelled as a question (QSN; in
                  DISAPERE a request for clarification or explanation), or as a suggestion or request (SUG,
                  arg_request), 0 to 1; null without a label in such a layer
    net           see queries.polarity: over all labels on segments; null where none has a polarity
    substantiation
                  share of the review's claims (Eval of SubstanReview, by link and annotator) that have evidence (Jus
                  with the same link, review and annotator), 0 to 1; null without a claim (Guo et al. 2023,
                  https://doi.org/10.18653/v1/2023.findings-emnlp.684)

    `frames` has to hold its reviews whole.
    """
    words = wording(frames) if worded is None else worded
    reviews = frames.reviews.filter(pl.col("kind").cast(pl.String).is_in(kinds)).select(_KEY)
    labels = frames.labels.join(reviews, on="review_id", how="semi")
    on_segments = labels.filter(pl.col("segment_id").is_not_null())
    told = (
        _told(on_segments, _QUESTION_CODES, "question_labels"),
        _told(on_segments, _REQUEST_CODES, "request_labels"),
        on_segments.group_by("review_id").agg(pl.col("polarity").mean().alias("net")),
        _substantiated(labels),
    )
    found = reviews.join(words.select("review_id", *ON_TEXT), on="review_id", how="left").with_columns(
        pl.col("n_words", "n_sentences").fill_null(0)
    )
    for measured in told:
        found = found.join(measured, on="review_id", how="left")
    return found.select(*_KEY, *ON_TEXT, *ON_LABELS).sort("review_id")


def wording(frames: Frames) -> pl.LazyFrame:
    """One row per review that has segments; sorted by review_id. `frames` has to hold its reviews whole.

    n_words       runs of characters between white space
    n_sentences   ends of sentences: full stops, question and exclamation marks before white space, those of common
                  abbreviations aside; at least 1 where there is a word. It does not hang on how a corpus cuts segments
    sentence_length
                  words per sentence
    coleman_liau  0.0588 L - 0.296 S - 15.8 for L letters and digits and S sentences in 100 words: about the US school
                  grade that can read it (Coleman & Liau 1975, https://doi.org/10.1037/h0076540)
    specificity   pointers per 100 words: to sections, figures, tables, equations, lines, pages and the like, citations
                  and links, quoted passages, numbers (POINTER); numbers of points of a list aside
    questions, suggestions
                  share of the segments that have a question mark, or a word of SUGGESTION, 0 to 1
    courtesy, hedges, bluntness
                  words of COURTESY, HEDGE and BLUNT per 100 words

    All but n_words and n_sentences are null for a review without a word.
    """
    segments = frames.segments.select("review_id", "position", "text")
    asking = segments.filter(pl.col("text").str.contains(_WORD)).select(
        "review_id",
        pl.col("text").str.contains("?", literal=True).alias("questions"),
        pl.col("text").str.contains(_any_of(SUGGESTION)).alias("suggestions"),
    )
    shares = asking.group_by("review_id").agg(pl.col("questions", "suggestions").mean())
    whole = segments.sort("review_id", "position").group_by("review_id", maintain_order=True).agg(pl.col("text"))
    text = pl.col("text")
    counted = whole.with_columns(text.list.join("")).select(
        "review_id",
        text.str.count_matches(_WORD).alias("n_words"),
        text.str.replace_all(_ABBREVIATION, " ").str.count_matches(_SENTENCE_END).alias("ends"),
        (text.str.len_chars().cast(pl.Int64) - text.str.count_matches(_NO_LETTER)).alias("letters"),
        text.str.replace_all(_LISTED, " ").str.count_matches(POINTER).alias("specificity"),
        text.str.count_matches(_any_of(COURTESY)).alias("courtesy"),
        text.str.count_matches(_any_of(HEDGE)).alias("hedges"),
        text.str.count_matches(_any_of(BLUNT)).alias("bluntness"),
    )
    n = pl.when(pl.col("n_words") > 0).then(pl.col("n_words"))
    n_sentences = pl.max_horizontal("ends", (pl.col("n_words") > 0).cast(pl.UInt32))
    hundred = 100 / n
    return (
        counted.with_columns(n_sentences.alias("n_sentences"))
        .with_columns(
            (n / pl.col("n_sentences")).alias("sentence_length"),
            (0.0588 * pl.col("letters") * hundred - 0.296 * pl.col("n_sentences") * hundred - 15.8).alias(
                "coleman_liau"
            ),
            *((pl.col(name) * hundred).alias(name) for name in ("specificity", "courtesy", "hedges", "bluntness")),
        )
        .join(shares, on="review_id", how="left")
        .select("review_id", *ON_TEXT)
        .sort("review_id")
    )


def _any_of(words: str) -> str:
    """The pattern of these alternatives as whole words, in any case of letters."""
    return f"(?i){_EDGE}(?:{words}){_EDGE}"


def _told(labels: pl.LazyFrame, codes: Codes, name: str) -> pl.LazyFrame:
    """By review, the share of the segments labelled in these layers that have one of the codes."""
    none = pl.lit(False)
    layers = pl.any_horizontal(
        none, *((pl.col("scheme") == scheme) & (pl.col("layer") == layer) for scheme, layer in codes)
    )
    said = pl.any_horizontal(
        none,
        *(
            (pl.col("scheme") == scheme) & (pl.col("layer") == layer) & pl.col("code").cast(pl.String).is_in(asked)
            for (scheme, layer), asked in codes.items()
        ),
    )
    by_segment = labels.filter(layers).group_by("review_id", "segment_id").agg(said.any().alias(name))
    return by_segment.group_by("review_id").agg(pl.col(name).mean())


def _substantiated(labels: pl.LazyFrame) -> pl.LazyFrame:
    """By review, the share of the claims with evidence."""
    (scheme, layer), claim, evidence = _CLAIMS
    of = ("review_id", "annotator", "link")
    linked = labels.filter(
        (pl.col("scheme") == scheme) & (pl.col("layer") == layer) & pl.col("link").is_not_null()
    ).with_columns(pl.col("code").cast(pl.String))
    told = linked.group_by(of).agg(
        (pl.col("code") == claim).any().alias("claim"), (pl.col("code") == evidence).any().alias("substantiation")
    )
    return told.filter("claim").group_by("review_id").agg(pl.col("substantiation").mean())
