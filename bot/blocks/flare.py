"""A reply that pings: an open task grew worse, and an edit of its root pings nobody."""

from collections.abc import Mapping

from bot.blocks.headline import headline
from bot.blocks.root import Rendered, mention
from bot.blocks.text import bold, clean, context, section

_SAYS = {
    "critical": ("🔺", "Critical by now"),
    "again": ("🔁", "Fires again after all was quiet"),
}


def render_flare(facts: Mapping[str, object]) -> Rendered:
    """Say what is worse, of what, and to whom."""
    mark, says = _SAYS[str(facts["why"])]
    title = headline(facts["title"])
    said = f"{mark} {says}: {bold(title)}"
    people = mention(facts.get("people"))
    if people:
        said += f" {people}"
    owner = f"owner {clean(facts['owner'])}" if facts.get("owner") else ""
    parts = [
        str(facts["severity"]),
        clean(facts.get("service") or ""),
        f"{facts['alerts']} alerts",
        owner,
    ]
    below = " · ".join(part for part in parts if part)
    return Rendered(f"{says}: {clean(title)}", [section(said), context(below)])
