"""A person who operates: who they are to us, and what roles they hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """
    ``slack_user`` is the id that Slack signs (``U…``), never a display name.

    ``key`` is the person's own, with which they sign in a terminal; "" is none.
    """

    id: str
    name: str
    slack_user: str
    roles: frozenset[str]
    key: str = ""
