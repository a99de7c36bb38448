"""What a reader may meet that it cannot take at face value."""

#: The closed list of what a reader may report, each with what it means for the reader of a dashboard.
PROBLEM_KINDS = {
    "malformed_tag": "A tag whose brackets or separators are not as they should be; its codes were read all the same.",
    "unknown_code": "A code that no scheme knows; it yields no label.",
    "misplaced_code": "A code in another layer's slot; it is filed under the layer it belongs to.",
    "irregular_code": "A code in odd letters or with an odd separator; it is read as the code it stands for.",
    "missing_polarity": "A judging code without a polarity; its polarity is null.",
    "unexpected_polarity": "A polarity on a code that takes none, or one that is no polarity; it is left out.",
    "repeated_code": "A code twice in one tag; both are kept, as the annotator wrote them.",
    "tag_without_text": "A tag with no text since the tag before; its labels join the segment before.",
    "unlabelled_tail": "Text after the last tag of an annotated review; it is kept without labels.",
    "split_escape": "A tag dropped into the middle of an escaped character; the character was put together again.",
    "bad_escape": "A backslash that escapes nothing in a file of escaped text; it is kept as it stands.",
    "unbalanced_quotes": "A quotation mark around the whole file on one side only; it is not part of the text.",
    "misfiled": "A file whose name tells another paper than the folder it lies in; the folder stands.",
    "not_utf8": "Bytes that are not UTF-8; they were decoded as Windows-1252.",
    "differs_from_raw": "The annotated copy lost or added text against its raw twin.",
    "empty_file": "A file without any text.",
    "binary_file": "A file that holds no text.",
    "oversized_file": "A text file too large to be reviews; it was not read.",
    "unreadable_file": "A file that the system would not let us read.",
    "unknown_format": "A file that no reader recognises.",
    "failed_file": "A reader broke off at this file; please report it.",
    "duplicate_review": "A review that another source already holds under the same key; it was not read twice.",
    "conflicting_paper": "Two sources disagree on a paper's particulars; the later one stands.",
    "unmatched_metadata": "A row of the metadata whose key fits no paper, or a paper without a row.",
}
