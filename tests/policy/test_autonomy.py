import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.autonomy import Matrix, parse_autonomy, verdict_at
from policy.decision import Level, Verdict
from policy.errors import PolicyError
from policy.tool_spec import ToolCategory
from tests.policy.shipped import row, shipped_policy, shipped_tools, toggle_tool


def parse(rows: str) -> Matrix:
    return parse_autonomy("rules:\n" + rows, shipped_tools(), path="autonomy.yaml")


def level(matrix: Matrix, environment: str = "prod") -> tuple[Level, str]:
    return matrix.level_for(
        toggle_tool(), kind="reliability", environment=environment, tenant="genme"
    )


def test_no_row_observes_only() -> None:
    """Without a matching row the level is L0 by `default-observe`."""
    assert level(parse(row("L2", environment="dev"))) == (Level.L0, "default-observe")


@pytest.mark.parametrize(
    "winner",
    [
        {"tool": "write_reversible"},
        {"tool": "toggle_feature_flag"},
        {"environment": "prod"},
        {"tenant": "genme"},
    ],
)
def test_what_is_named_beats_what_is_not(winner: dict[str, str]) -> None:
    """A row that names more wins over the row of stars."""
    matrix = parse(row("L1") + row("L2", **winner))

    assert level(matrix)[0] is Level.L2


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rng: random.Random) -> None:
    """Shuffled rows give the same level."""
    rows = [
        row("L0"),
        row("L1", tool="toggle_feature_flag"),
        row("L2", environment="prod"),
        row("L1", environment="prod", tool="write_reversible"),
        row("L3", tenant="genme"),
    ]
    rng.shuffle(rows)

    assert level(parse("".join(rows))) == (Level.L3, "any-any-genme")


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (row("L1") + row("L2").replace("any-any-any", "b"), "equally specific"),
        (
            row("L1")
            + row("L1", environment="dev").replace("any-dev-any", "any-any-any"),
            "equally specific",
        ),
        (row("L1") + row("L4", environment="dev"), "L4"),
        (row("L1") + row("L1", tool="drop_table"), "drop_table"),
        (row("L1") + row("L9", environment="dev"), "level"),
        (row("L1") + row("L1", environment="dev").replace("owner: o, ", ""), "owner"),
        (
            row("L1")
            + row("L1", environment="dev").replace("any-dev-any", "default-observe"),
            "default-observe",
        ),
    ],
)
def test_a_bad_row_does_not_load(rows: str, what: str) -> None:
    """Ambiguity, L4, unknown words and missing fields are located load errors."""
    with pytest.raises(PolicyError, match=what) as caught:
        parse(rows)

    assert caught.value.line == 3


def test_the_table_is_the_designs() -> None:
    """ARCHITECTURE §9, cell by cell."""
    writes = [
        [verdict_at(category, each) for each in list(Level)[:4]]
        for category in (ToolCategory.write_reversible, ToolCategory.write_irreversible)
    ]

    assert writes == [
        [Verdict.deny, Verdict.require_approval, Verdict.allow, Verdict.allow],
        [
            Verdict.deny,
            Verdict.draft_only,
            Verdict.draft_only,
            Verdict.require_approval,
        ],
    ]
    assert verdict_at(ToolCategory.read, Level.L0) is Verdict.allow
    assert verdict_at(ToolCategory.write_reversible, Level.L4) is Verdict.deny


@pytest.mark.parametrize("tool", shipped_tools(), ids=lambda tool: tool.name)
def test_prod_is_never_more_permissive(tool: object) -> None:
    """Shipped rows: prod <= staging <= dev, for every tool and kind."""
    matrix = shipped_policy().matrix
    spec = next(one for one in shipped_tools() if one is tool or one == tool)
    for kind in ("reliability", "safety", "support", "growth", "data"):
        prod, staging, dev = (
            matrix.level_for(spec, kind=kind, environment=name, tenant="genme")[0]
            for name in ("prod", "staging", "dev")
        )

        assert prod <= staging <= dev
