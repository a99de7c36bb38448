"""Every table once: columns, types, keys and rules. DDL, checks and frame types are derived from here."""

from __future__ import annotations

from typing import NamedTuple

from corpus.frames import Frames as Frames

SCHEMA_VERSION = 3

#: The annotator whose labels a corpus publishes as its own.
GOLD = "gold"
#: How a model's annotator begins, and a person's who judged in the dashboard.
MODEL, USER = "model:", "user:"

DECISIONS = ("accept", "reject", "withdrawn")
REVIEW_KINDS = ("review", "meta_review", "rebuttal", "comment")
#: `markup` is what a structured format has around texts, `packed` bytes in which no text can be pointed at.
SPAN_KINDS = ("text", "tag", "head", "separator", "markup", "packed", "twin", "unread")


class Column(NamedTuple):
    """A column: DuckDB type, whether null is allowed, and what it holds (with units and the meaning of null)."""

    name: str
    type: str
    nullable: bool
    doc: str


class Table(NamedTuple):
    """A table: columns, key, foreign keys as (column, table) and rules that every row keeps, as SQL predicates."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _col(name: str, type: str, doc: str) -> Column:
    """A column; a type that ends in `?` allows null."""
    return Column(name, type.removesuffix("?"), type.endswith("?"), doc)


TABLES = (
    Table(
        "sources",
        (
            _col("source_id", "UINTEGER", "number of the file within this store"),
            _col("corpus", "VARCHAR", "corpus the file was ingested into"),
            _col(
                "path", "VARCHAR", "path from the folder that was named on the command line; `a.zip!/b` in an archive"
            ),
            _col("origin", "VARCHAR", "digest of the absolute path: tells a changed file from another one"),
            _col("whole", "VARCHAR?", "for a part of a large file the origin of the whole file; else null"),
            _col("root", "VARCHAR", "digest of the absolute path of the folder that was named"),
            _col("format", "VARCHAR", "reader that read it"),
            _col("sha256", "VARCHAR?", "digest of the bytes; null where they could not be read"),
            _col("n_bytes", "UBIGINT", "size in bytes"),
            _col("raw", "BLOB?", "the bytes as found; null where they could not be read, and for parts of large files"),
            _col("code", "VARCHAR", "digest of the code that read it: rows that other code made are made again"),
            _col("twin_of", "UINTEGER?", "for a raw twin the annotated source it belongs to; else null"),
            _col("ingested_at", "TIMESTAMP", "when it was read, UTC"),
        ),
        ("source_id",),
        rules=("n_bytes = coalesce(octet_length(raw), n_bytes)",),
    ),
    Table(
        "papers",
        (
            _col("paper_id", "UINTEGER", "number of the paper within this store"),
            _col("corpus", "VARCHAR", "corpus it belongs to"),
            _col("paper_key", "VARCHAR", "its key in the corpus"),
            _col("title", "VARCHAR?", "null where no source tells"),
            _col("venue", "VARCHAR?", "short name of the venue"),
            _col("year", "SMALLINT?", "year of the venue"),
            _col("decision", "decision_t?", "null where unknown"),
            _col("decision_detail", "VARCHAR?", "the decision in the venue's own words"),
            _col("track", "VARCHAR?", "track or area"),
            _col("keywords", "VARCHAR[]?", "the authors' keywords"),
            _col("abstract", "VARCHAR?", "the paper's abstract"),
            _col("extra", "VARCHAR?", "further columns of the metadata as a JSON object"),
        ),
        ("paper_id",),
    ),
    Table(
        "tellings",
        (
            _col("source_id", "UINTEGER?", "source that tells it; null for metadata"),
            _col("paper_id", "UINTEGER", "paper it tells of"),
            _col("fields", "VARCHAR", "what it tells, as a JSON object of columns of papers"),
            _col("extra", "VARCHAR?", "further columns of the metadata as a JSON object; null for sources"),
        ),
        (),
        (("source_id", "sources"), ("paper_id", "papers")),
    ),
    Table(
        "reviews",
        (
            _col("review_id", "UINTEGER", "number of the review within this store"),
            _col("paper_id", "UINTEGER", "paper under review"),
            _col("source_id", "UINTEGER", "file it was read from"),
            _col("review_key", "VARCHAR", "its key within the paper"),
            _col("reviewer", "VARCHAR?", "name or number of the reviewer"),
            _col("kind", "kind_t", "review, meta_review, rebuttal or comment"),
            _col("position", "USMALLINT", "place among the paper's reviews, from 0, by key"),
            _col("date", "DATE?", "when it was written"),
            _col("rating", "FLOAT?", "overall score on the venue's scale"),
            _col("confidence", "FLOAT?", "the reviewer's stated confidence"),
            _col("n_words", "UINTEGER", "words: runs of characters between white space"),
        ),
        ("review_id",),
        (("paper_id", "papers"), ("source_id", "sources")),
    ),
    Table(
        "scores",
        (
            _col("review_id", "UINTEGER", "review the score is from"),
            _col("name", "VARCHAR", "name of the field on the form"),
            _col("value", "FLOAT?", "the number; null where the field holds words only"),
            _col("detail", "VARCHAR?", "the words next to the number"),
            _col("source_id", "UINTEGER?", "file it was read from; null where it is the review's own"),
        ),
        ("review_id", "name"),
        (("review_id", "reviews"), ("source_id", "sources")),
    ),
    Table(
        "segments",
        (
            _col("segment_id", "UINTEGER", "number of the segment within this store"),
            _col("review_id", "UINTEGER", "review it is part of"),
            _col("position", "UINTEGER", "place in the review, from 0"),
            _col("text", "VARCHAR", "decoded text, white space included: segments joined are the review"),
            _col("start", "UINTEGER", "first code point in the review's text"),
            _col("end", "UINTEGER", "code point after the last"),
            _col("field", "VARCHAR?", "field of the form it stands in; null where there is one text only"),
            _col("raw_start", "UBIGINT?", "first byte in the source; null where the source is packed"),
            _col("raw_end", "UBIGINT?", "byte after the last in the source; tags may lie between"),
        ),
        ("segment_id",),
        (("review_id", "reviews"),),
        ('"end" - "start" = length(text)', "raw_start <= raw_end"),
    ),
    Table(
        "spans",
        (
            _col("source_id", "UINTEGER", "file"),
            _col("position", "UINTEGER", "place in the file, from 0"),
            _col("start", "UBIGINT", "first byte"),
            _col("end", "UBIGINT", "byte after the last: the spans of a file tile it"),
            _col(
                "kind",
                "span_t",
                "text, tag, head, separator, markup, packed (no text can be pointed at), twin (a copy) or unread",
            ),
            _col("segment_id", "UINTEGER?", "segment it is text of, or that the tag labels"),
        ),
        ("source_id", "position"),
        (("source_id", "sources"), ("segment_id", "segments")),
        ('"start" < "end"',),
    ),
    Table(
        "labels",
        (
            _col("label_id", "UINTEGER", "number of the label within this store"),
            _col("review_id", "UINTEGER", "review it is on"),
            _col("segment_id", "UINTEGER?", "segment it is on; null for a label on the whole review"),
            _col("scheme", "scheme_t", "published label system"),
            _col("layer", "layer_t", "question the code answers"),
            _col("code", "code_t", "the answer; `none` is the annotator's nothing-here"),
            _col("polarity", "TINYINT?", "-1 negative, 0 neutral, 1 positive; null where not given"),
            _col("annotator", "VARCHAR", "gold, another annotator's name, or model:<name>@<version>"),
            _col("confidence", "FLOAT?", "a model's calibrated probability; null for people"),
            _col("raw", "VARCHAR", "the spelling in the source"),
            _col("link", "VARCHAR?", "what labels of a review and annotator share that belong together"),
            _col("start", "UINTEGER?", "first code point in the review's text; null: the segment as it is"),
            _col("end", "UINTEGER?", "code point after the last, likewise; may lie beyond the segment"),
            _col(
                "source_id",
                "UINTEGER?",
                "file it was read from; null: the review's own or, of model:… and user:…, made here",
            ),
        ),
        ("label_id",),
        (("review_id", "reviews"), ("segment_id", "segments"), ("source_id", "sources")),
        ("polarity BETWEEN -1 AND 1", "confidence BETWEEN 0 AND 1", '"start" <= "end"'),
    ),
    Table(
        "alignments",
        (
            _col("review_id", "UINTEGER", "rebuttal"),
            _col("segment_id", "UINTEGER", "sentence of it"),
            _col("aligned_review_id", "UINTEGER?", "review that it answers; null where none is told"),
            _col("aligned_segment_id", "UINTEGER?", "sentence that it answers; null: no single sentence"),
            _col("kind", "VARCHAR", "how it refers, in the corpus's own word"),
            _col("annotator", "VARCHAR", "as in labels"),
            _col("source_id", "UINTEGER?", "file it was read from; null where it is the rebuttal's own"),
        ),
        (),
        (
            ("review_id", "reviews"),
            ("segment_id", "segments"),
            ("aligned_review_id", "reviews"),
            ("aligned_segment_id", "segments"),
            ("source_id", "sources"),
        ),
    ),
    Table(
        "schemes",
        (
            _col("scheme", "VARCHAR", "published label system, or a user's own"),
            _col("title", "VARCHAR", "its name in words"),
            _col("toml", "VARCHAR", "its definition as the file that defines it"),
        ),
        ("scheme",),
    ),
    Table(
        "codes",
        (
            _col("scheme", "scheme_t", "published label system"),
            _col("layer", "layer_t", "question"),
            _col("code", "code_t", "answer"),
            _col("name", "VARCHAR", "the code in words"),
            _col("definition", "VARCHAR", "what it means, in our words"),
            _col("common", "VARCHAR?", "shared aspect; null where none fits"),
            _col("polarised", "BOOLEAN", "whether labels of it carry a polarity"),
            _col("position", "USMALLINT", "place in the layer, from 0"),
        ),
        ("scheme", "layer", "code"),
    ),
    Table(
        "problems",
        (
            _col("source_id", "UINTEGER?", "file; null for problems of the metadata"),
            _col("review_id", "UINTEGER?", "review; null where the whole file is meant"),
            _col("start", "UBIGINT?", "first byte in the source"),
            _col("end", "UBIGINT?", "byte after the last"),
            _col("kind", "problem_t", "one of the closed list"),
            _col("detail", "VARCHAR", "what was found and what was made of it"),
            _col("snippet", "VARCHAR?", "the passage"),
        ),
        (),
        (("source_id", "sources"), ("review_id", "reviews")),
    ),
    Table(
        "models",
        (
            _col("annotator", "VARCHAR", "model:<name>@<version>, as in labels"),
            _col("scheme", "scheme_t", "published label system that it labels by"),
            _col("name", "VARCHAR", "its name"),
            _col("version", "VARCHAR", "its version"),
            _col("made_at", "TIMESTAMP", "when it was trained, UTC"),
            _col("precision", "FLOAT?", "precision its thresholds were chosen for; null: those that serve F1 best"),
            _col("n_segments", "UINTEGER", "segments of this store that it was shown"),
            _col("n_labelled", "UINTEGER", "of these, segments with at least one label of its"),
            _col("report", "VARCHAR", "how it was trained and measured, as a JSON object"),
        ),
        ("annotator",),
        rules=("starts_with(annotator, 'model:')", "n_labelled <= n_segments", "precision BETWEEN 0 AND 1"),
    ),
    Table(
        "model_codes",
        (
            _col("annotator", "VARCHAR", "as in models"),
            _col("scheme", "scheme_t", "published label system"),
            _col("layer", "layer_t", "question"),
            _col("code", "code_t?", "answer; null: any but `none`"),
            _col("polarity", "TINYINT?", "of this polarity; null: whatever it is"),
            _col(
                "n_segments", "UINTEGER", "segments of papers held out from training on which people answered the layer"
            ),
            _col("n_gold", "UINTEGER", "of these, given it by people"),
            _col("n_model", "UINTEGER", "of these, given it by the model at its thresholds"),
            _col("n_both", "UINTEGER", "of these, given it by both"),
            _col("f1", "FLOAT?", "at these thresholds; null where neither gave it"),
            _col("precision", "FLOAT?", "n_both of n_model; null where the model never gave it"),
            _col("recall", "FLOAT?", "n_both of n_gold; null where people never gave it"),
            _col("best_f1", "FLOAT?", "F1 at the thresholds that serve it best; null where unknown"),
            _col("threshold", "FLOAT?", "probability from which it is given; null where there is none"),
        ),
        ("annotator", "scheme", "layer", "code", "polarity"),
        (("annotator", "models"),),
        ("n_both <= least(n_gold, n_model)", "greatest(n_gold, n_model) <= n_segments"),
    ),
    Table("meta", (_col("key", "VARCHAR", "name"), _col("value", "VARCHAR", "value")), ("key",)),
)
