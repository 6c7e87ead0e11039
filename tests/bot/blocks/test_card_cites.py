"""What a card cites, and where that stands."""

from bot.blocks.card import render_card
from tests.bot.blocks.facts import CARD, check, texts


def test_what_is_cited_is_named_and_leads_there() -> None:
    """By its number in the thread; of another thread's the name alone."""
    cited = [{"tool": "get_dashboard_snapshot", "number": 1}] + [
        {"tool": "trace_lookup", "number": None}
    ] * 4
    address = "https://acme.slack.com/archives/C0OPS/p12"
    shown = render_card({**CARD, "cited": cited, "evidence_at": address})
    plain = render_card({**CARD, "cited": cited[:2]})
    check(plain)

    assert (
        f"cites <{address}|E1 dashboard snapshot, trace lookup, trace lookup, "
        "trace lookup> and 1 more"
    ) in "\n".join(texts(shown))
    assert "cites E1 dashboard snapshot, trace lookup" in "\n".join(texts(plain))
