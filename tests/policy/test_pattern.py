from hypothesis import given
from hypothesis import strategies as st

from policy.pattern import ANY, Pattern
from tests.policy.shipped import toggle_tool


def patterns() -> st.SearchStrategy[Pattern]:
    return st.builds(
        Pattern,
        tool=st.sampled_from([ANY, "write_reversible", "toggle_feature_flag", "other"]),
        kind=st.sampled_from([ANY, "reliability", "safety"]),
        environment=st.sampled_from([ANY, "prod", "dev"]),
        tenant=st.sampled_from([ANY, "genme", "acme"]),
    )


def applies(pattern: Pattern) -> bool:
    return pattern.matches(
        toggle_tool(), kind="reliability", environment="prod", tenant="genme"
    )


@given(patterns(), patterns())
def test_equally_specific_rows_that_overlap_are_the_same_row(
    one: Pattern, other: Pattern
) -> None:
    """So comparing patterns for equality finds every ambiguity."""
    overlapping = applies(one) and applies(other)

    if overlapping and one.specificity == other.specificity:
        assert one == other


@given(patterns())
def test_any_named_field_narrows(pattern: Pattern) -> None:
    """A row of stars is the least specific of all."""
    assert pattern.specificity >= Pattern(tool=ANY).specificity


def test_an_environment_beats_a_tool() -> None:
    """Prod's own row wins over a tool's row for every environment."""
    in_prod = Pattern(tool=ANY, environment="prod")
    for_tool = Pattern(tool="toggle_feature_flag")

    assert in_prod.specificity > for_tool.specificity
