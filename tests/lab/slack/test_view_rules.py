import pytest

from lab.slack.refusal import SlackRefusal
from lab.slack.view_rules import check_view
from tests.lab.world import modal

PLAIN = {"type": "plain_text", "text": "x" * 25}


@pytest.mark.parametrize(
    "change",
    [
        {"title": PLAIN},
        {"submit": PLAIN},
        {"close": PLAIN},
        {"submit": None},
        {"private_metadata": "x" * 3001},
        {"type": "home"},
        {"blocks": None},
        {"blocks": [{"type": "markdown", "text": "x"}]},
    ],
)
def test_refuses_bad_views(change: dict[str, object]) -> None:
    """Slack's limits of a modal hold, and an input needs a submit."""
    with pytest.raises(SlackRefusal) as refused:
        check_view(modal(**change))

    assert "invalid_arguments" == refused.value.code


def test_accepts_our_modal() -> None:
    """What the product opens passes."""
    assert "edit" == check_view(modal())["callback_id"]
