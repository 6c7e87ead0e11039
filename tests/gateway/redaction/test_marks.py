"""Marks: what a model says is personal, through whatever holds it."""

import pytest
from pydantic import BaseModel, Field

from gateway.redaction.marks import marks_of, mask
from gateway.redaction.placeholder import Placeholders
from gateway.registry import personal
from gateway.tools.catalog import all_tools

FREE = "Ann Lee"


class Inner(BaseModel):
    who: str | None = Field(default=None, json_schema_extra=personal("name"))
    what: str = ""


class Outer(BaseModel):
    one: Inner
    many: list[Inner]
    maybe: Inner | None = None
    named: dict[str, Inner]
    nicknames: list[str] = Field(default=[], json_schema_extra=personal("name"))
    born: int = Field(default=0, json_schema_extra=personal("birth"))
    plain: str = ""


def hidden(body: Outer) -> dict[str, object]:
    found = mask(body.model_dump(mode="json"), marks_of(Outer), Placeholders(key=b"k"))
    assert isinstance(found, dict)
    return dict(found)


def test_marks_hold_through_lists_options_and_mappings() -> None:
    """The same person has one placeholder wherever they stand."""
    ann = Inner(who=FREE, what=FREE)
    found = hidden(
        Outer(
            one=ann,
            many=[ann, Inner(who="Bob")],
            maybe=ann,
            named={"x": ann},
            nicknames=[FREE, "Bo"],
            plain=FREE,
        )
    )
    shown = {"who": "⟨name:1⟩", "what": FREE}

    assert found["one"] == found["maybe"] == shown
    assert [shown, {"who": "⟨name:2⟩", "what": ""}] == found["many"]
    assert {"x": shown} == found["named"]
    assert ["⟨name:1⟩", "⟨name:3⟩"] == found["nicknames"]
    assert FREE == found["plain"]


def test_what_is_empty_stays_so() -> None:
    """Nothing stands behind a placeholder for nothing; a number has one."""
    found = hidden(Outer(one=Inner(), many=[], named={}, born=19700101))

    assert {"who": None, "what": ""} == found["one"]
    assert "⟨birth:1⟩" == found["born"]


@pytest.mark.parametrize(
    ("tool", "field"),
    [
        ("get_user_360", "display_name"),
        ("get_user_360", "email"),
        ("get_user_360", "phone"),
    ],
)
def test_a_tools_result_is_marked(tool: str, field: str) -> None:
    """The registry's own marks are found."""
    read = all_tools().find(tool)
    assert read is not None

    assert field in str(marks_of(read.result))  # type: ignore[union-attr]
