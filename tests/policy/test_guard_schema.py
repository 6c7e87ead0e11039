import cedarpy
import pytest

from policy.errors import PolicyError
from policy.guard_schema import render_params, render_schema, verbs_of
from policy.tool_spec import ToolCategory, ToolSpec
from tests.policy.shipped import ban_tool, read_tool, shipped_tools, toggle_tool


def tool_of(properties: dict[str, object]) -> ToolSpec:
    return ToolSpec(
        name="act",
        version=1,
        category=ToolCategory.write_reversible,
        params_schema={"type": "object", "properties": properties},
    )


def test_the_schema_is_cedars_own() -> None:
    """Cedar parses what we render."""
    assert cedarpy.Schema.from_str(render_schema(shipped_tools()))


def test_params_are_typed() -> None:
    """Each JSON type has one Cedar type; objects can't be named."""
    rendered = render_schema(
        (
            tool_of(
                {
                    "s": {"type": "string"},
                    "i": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "b": {"type": "boolean"},
                    "n": {"type": "number"},
                    "a": {"type": "array", "items": {"type": "string"}},
                    "o": {"type": "object"},
                }
            ),
        )
    )

    assert (
        'params: { "s"?: String, "i"?: Long, "b"?: Bool, "n"?: decimal, '
        '"a"?: Set<String> }' in rendered
    )


def test_numbers_become_decimals_of_four_digits() -> None:
    """A number is rounded half to even at the fourth digit."""
    params = render_params(ban_tool(), {"user_id": "u", "ratio": 0.12345})

    assert params == {
        "user_id": "u",
        "ratio": {"__extn": {"fn": "decimal", "arg": "0.1234"}},
    }


def test_what_is_no_number_is_refused() -> None:
    """Infinity has no decimal."""
    with pytest.raises(ValueError, match="inf"):
        render_params(ban_tool(), {"ratio": float("inf")})


def test_unknown_params_are_passed_on_and_objects_left_out() -> None:
    """Cedar's own check then refuses the unknown one."""
    tool = tool_of({"o": {"type": "object"}, "s": {"type": "string"}})

    assert render_params(tool, {"o": {}, "zap": 1, "s": None}) == {"zap": 1}


@pytest.mark.parametrize("name", ["read", "propose", "execute", "approve"])
def test_a_tool_may_not_be_called_like_a_verb(name: str) -> None:
    """Its group of actions would be the verb's."""
    with pytest.raises(PolicyError, match="taken"):
        render_schema((read_tool(name, "x"),))


def test_verbs_follow_the_category() -> None:
    """Reads are read; writes are proposed and executed."""
    assert verbs_of(read_tool("look", "x")) == ("read",)
    assert verbs_of(toggle_tool()) == ("propose", "execute")
