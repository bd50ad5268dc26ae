"""Marks a sentence for translation where it is written; it is translated where it is read."""


def N_(sentence: str) -> str:
    """Return the sentence as it is; Babel extracts it."""
    return sentence
