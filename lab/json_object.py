"""Name the JSON that crosses the lab's own edges."""

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
