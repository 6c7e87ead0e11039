"""The buttons of a card: their ids, and how each is bound to what is shown."""

from collections.abc import Mapping, Sequence

from bot.blocks.text import Block, plain_text

APPROVE = "proposal:approve"
EDIT = "proposal:edit"
REJECT = "proposal:reject"
GRANT = "proposal:grant"
WITHDRAW = "grant:withdraw"
UNDO = "proposal:undo"
CARRIED_OUT = "proposal:carried_out"
TOOK_EFFECT = "proposal:took_effect"
NO_EFFECT = "proposal:no_effect"
REVEAL = "proposal:reveal"
WHY = "proposal:why"
EVIDENCE = "proposal:evidence"
ADMIN_PAGE = "proposal:admin_page"


def button_value(proposal_id: object, digest: object) -> str:
    """Bind a button to what it shows: the row's id and the digest of its content."""
    return f"{proposal_id}.{digest}"


def actions(
    facts: Mapping[str, object],
    block: str,
    wanted: Sequence[tuple[str, str, str | None]],
    *,
    page: str = "",
) -> Block:
    """
    Make buttons that are bound to the row and to what it shows.

    ``page`` is where a person does or sees it by hand: the gateway's own address.
    """
    value = button_value(facts["proposal_id"], facts["digest"])
    elements = []
    for text, action, style in wanted:
        made: dict[str, object] = {
            "type": "button",
            "action_id": action,
            "text": plain_text(text, most=75),
            "value": value,
        }
        elements.append(made | ({"style": style} if style else {}))
    if page:
        elements.append(
            {
                "type": "button",
                "action_id": ADMIN_PAGE,
                "text": plain_text("Open admin page", most=75),
                "url": page,
            }
        )
    return {
        "type": "actions",
        "block_id": f"{block}:{facts['proposal_id']}",
        "elements": elements,
    }
