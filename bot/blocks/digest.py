"""The digest of a storm: one message a channel, edited until the storm is over."""

from collections.abc import Mapping

from bot.blocks.headline import headline
from bot.blocks.root import Rendered
from bot.blocks.text import clean, context, mapping_of, moment, section

_FOLDED = (
    "New groups past the limit wait here without a thread; what still fires opens when "
    "it calms. Approvals and executions go on as ever; every alert is kept."
)

_LISTED = "Critical ones that wait, and those with most alerts:"


def render_digest(facts: Mapping[str, object]) -> Rendered:
    """Say that the channel is in storm mode, since when, and what it folds."""
    alerts, folded = _count(facts["alerts"]), _count(facts["folded"])
    over = facts.get("until") is not None
    since = moment(facts["since"])
    if over:
        headline = f"🌤️ *Storm is over*, {since} to {moment(facts['until'])}"
        released = _count(facts.get("released") or 0)
        note = f"{released} waiting groups open by and by, most severe first"
    else:
        headline = f"🌀 *Storm mode* since {since}"
        note = _FOLDED
    blocks = [
        section(headline),
        context(f"*{alerts}* alerts taken in · *{folded}* new groups held back"),
    ]
    rows = facts.get("groups")
    lines = [_line(mapping_of(one)) for one in rows] if isinstance(rows, list) else []
    if lines:
        blocks.append(section("\n".join([_LISTED, *lines])))
    blocks.append(context(note))
    state = "over" if over else "on"
    return Rendered(f"Storm mode {state}: {alerts} alerts, {folded} held back", blocks)


def _line(group: Mapping[str, object]) -> str:
    waits = ", waits" if group.get("waits") else ""
    title = clean(headline(group.get("title")), most=150)
    return (
        f"• `{clean(group.get('short_id'))}` {title} — "
        f"{_count(group.get('alerts') or 0)} alerts, {clean(group.get('severity'))}"
        f"{waits}"
    )


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "?"
