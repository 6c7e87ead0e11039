"""From rows to frozen records: words become enums, lists become tuples."""

from dataclasses import dataclass

from policy.task import RunOutcome, TaskState
from storage.rows import into


@dataclass(frozen=True, slots=True)
class Sample:
    state: TaskState
    outcome: RunOutcome | None
    names: tuple[str, ...]
    note: str | None


def row(**changes: object) -> dict[str, object]:
    return {
        "state": "queued",
        "outcome": "finished",
        "names": ["a"],
        "note": "n",
        **changes,
    }


def test_words_become_enums() -> None:
    """A word is the enum's member, so that ``is`` can be asked."""
    assert TaskState.queued is into(Sample, row()).state


def test_words_that_may_be_missing_become_enums() -> None:
    """``Word | None`` is a word all the same, and None stays None."""
    assert RunOutcome.finished is into(Sample, row()).outcome
    assert into(Sample, row(outcome=None)).outcome is None


def test_lists_become_tuples() -> None:
    """A frozen record holds nothing that can change."""
    assert ("a",) == into(Sample, row()).names


def test_columns_without_a_field_are_left_out() -> None:
    """A record takes what it names and no more."""
    made = into(Sample, row(environment="prod"))

    assert Sample(TaskState.queued, RunOutcome.finished, ("a",), "n") == made
