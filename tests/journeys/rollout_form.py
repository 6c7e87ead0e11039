"""A person's edit of the flag's rollout, through Slack's form."""

from tests.journeys.stack import APPROVE, EDIT, Stack, find_button


async def edit_rollout(stack: Stack) -> bool:
    """Click Edit, wait for the form, and send it; true once the new card stands."""
    if stack.rows(
        "SELECT 1 FROM proposals WHERE edited_by IS NOT NULL AND state ="
        " 'needs_approval'"
    ):
        return await find_button(stack, APPROVE) is not None
    button = await find_button(stack, EDIT)
    if button is None:
        return False
    await stack.lab.click(button)
    values = {
        "param:flag_key": {
            "value": {"type": "plain_text_input", "value": "new_ranker"}
        },
        "param:enabled": _chosen("false"),
        "param:rollout_percent": {"value": {"type": "number_input", "value": "5"}},
        "reason": _chosen("incident_mitigation"),
    }
    # The form, then the diff that it makes.
    if await _submit(stack, "edit:submit", values):
        await _submit(stack, "edit:confirm", {})
    return False


async def _submit(stack: Stack, callback: str, values: object) -> bool:
    """Submit the open view as it stands, with these values; False if it is another."""
    opened = (await stack.get("/lab/workspace?user=U0OPERATOR"))["view"]
    view = opened["view"] if opened else {}
    if view.get("callback_id") != callback:
        return False
    sent = {"user": "U0OPERATOR", "view_id": view["id"], "values": values}
    await stack.post("/lab/act/submit", sent)
    return True


def _chosen(value: str) -> dict[str, object]:
    option = {"value": value, "text": {"type": "plain_text", "text": value}}
    return {"value": {"type": "static_select", "selected_option": option}}
