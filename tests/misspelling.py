"""A secret with one character changed: it must open nothing."""


def misspelt(secret: str) -> str:
    """The same with another last character, whichever it had: one that is simply replaced is the right one at times."""
    return secret[:-1] + ("y" if secret.endswith("x") else "x")
