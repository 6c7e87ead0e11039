"""Words under a CHECK are the words of policy."""

from enum import StrEnum

import pytest

from policy.alert import AlertStatus, Severity
from policy.decision import Verdict
from policy.eval_case import EvalCaseKind
from policy.model_call import ModelCallState
from policy.proposal import ProposalState, ReversionState
from policy.task import TaskKind, TaskState
from tests.database import ADMIN
from tests.storage import row_maker
from tests.storage.conftest import Filled

WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("alerts", "severity"): Severity,
    ("alerts", "status"): AlertStatus,
    ("tasks", "kind"): TaskKind,
    ("tasks", "severity"): Severity,
    ("tasks", "state"): TaskState,
    ("proposals", "state"): ProposalState,
    ("reversions", "state"): ReversionState,
    ("decisions", "verdict"): Verdict,
    ("model_calls", "state"): ModelCallState,
    ("eval_cases", "kind"): EvalCaseKind,
}


@pytest.mark.parametrize(("table", "column"), WORDS)
def test_the_database_knows_every_word(filled: Filled, table: str, column: str) -> None:
    """The migrated CHECK lists the enum's values, in its order."""
    listed = filled.tables[table].words[column]

    assert [word.value for word in WORDS[table, column]] == list(listed)


def test_every_check_is_an_enums(filled: Filled) -> None:
    """No CHECK lists words that no enum of policy has."""
    tables = row_maker.read_tables(filled.connect(ADMIN))
    found = {(name, column) for name, table in tables.items() for column in table.words}

    assert set(WORDS) == found
