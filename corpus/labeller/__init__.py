"""Labels for reviews that nobody labelled: learn from those that people did, say how far to trust it, label the rest.

All through spaCy: a blank English pipeline with one trainable component of ours, `review_labeller`. What a command or a
page needs: `training.train`, `evaluating.evaluate`, `directory.load`, `annotating.annotate`; and, without spaCy,
`reports` and `errors`.
"""
