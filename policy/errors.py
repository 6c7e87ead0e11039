"""What goes wrong while policy text is loaded."""


class PolicyError(Exception):
    """
    A policy text that does not load: where, what, and how to mend it.

    ``line`` counts from 1; 0 where no line can be named.
    """

    def __init__(self, path: str, line: int, *, what: str, mend: str) -> None:
        super().__init__(f"{path}:{line}: {what}; {mend}")
        self.path = path
        self.line = line
        self.what = what
        self.mend = mend
