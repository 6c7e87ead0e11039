"""Whose proposal a case is of."""

import pytest

from policy.eval_case import Author, author_of


@pytest.mark.parametrize(
    ("proposed_by", "author"),
    [
        ("agent reliability-triage 3", Author("reliability-triage", 3)),
        ("operator", Author(None, None)),
        ("policy", Author(None, None)),
        ("agent without-version", Author(None, None)),
        ("an agent triage 3", Author(None, None)),
    ],
)
def test_agents_are_told_from_people(proposed_by: str, author: Author) -> None:
    """An agent has a name and a version; nobody else is one."""
    assert author == author_of(proposed_by)
