"""What can go wrong with a labeller, in words."""


class LabellerError(ValueError):
    """A labeller that cannot be trained, loaded or used; the message is for people."""
