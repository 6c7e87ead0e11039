"""Where a person does by hand what a tool would: an address for each tool's target."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from pydantic import JsonValue

from policy.errors import PolicyError
from policy.tool_spec import ToolSpec

# url of a button: 3000 (slack_sdk ButtonElement)
_LONGEST = 3000
_FIELD = re.compile(r"\{([a-z_]+)\}")
# A value that is hidden has no page of its own.
_HIDDEN = "⟨"


def page_of(template: str, params: Mapping[str, JsonValue]) -> str | None:
    """
    Fill a tool's template with typed params, each percent-encoded whole.

    None where one is empty, hidden or a step upwards, or it all gets too long.
    """
    values = {name: params.get(name) for name in _FIELD.findall(template)}
    said = {name: _text(one) for name, one in values.items()}
    if any(one in {"", ".", ".."} or _HIDDEN in one for one in said.values()):
        return None
    page = _FIELD.sub(lambda found: quote(said[found[1]], safe=""), template)
    return page if len(page) <= _LONGEST else None


def check_pages(
    pages: Mapping[str, str], tools: Sequence[ToolSpec], *, path: Path
) -> None:
    """
    Check that each template is of a write tool, and names params of it alone.

    Raises:
        PolicyError: names the tool or the field.
    """
    known = {tool.name: tool for tool in tools if tool.target_params}
    for name, template in pages.items():
        if name not in known:
            raise PolicyError(
                str(path),
                0,
                what=f"admin_pages: no write tool is called {name}",
                mend=f"use some of {', '.join(sorted(known))}",
            )
        properties = known[name].params_schema.get("properties")
        params = list(properties) if isinstance(properties, Mapping) else []
        strange = [one for one in _FIELD.findall(template) if one not in params]
        if strange:
            raise PolicyError(
                str(path),
                0,
                what=f"admin_pages: {name} has no param {strange[0]}",
                mend=f"use some of {', '.join(params)}",
            )


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)
