"""A task's headline over a thread, where nobody may have its people shown."""

from gateway.redaction.worded import worded


def headline(title: object) -> str:
    """Give a title in words."""
    return worded(str(title))
