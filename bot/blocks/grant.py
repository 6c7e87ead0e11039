"""A grant in words: what runs by itself, until when, how often, by whose leave."""

from collections.abc import Mapping

from bot.blocks.text import clean, moment
from storage.overrides import Override


def say_grant(one: Override) -> str:
    """Say a grant that holds."""
    return (
        f"⏱️ `{clean(one.tool)}` on {clean(one.service)} runs by itself up to risk "
        f"{one.most_risk} until {moment(one.expires_at.timestamp())}, "
        f"{one.left} of {one.most} left, by grant `{one.short_id}` "
        f"of *{clean(one.person)}*"
    )


def say_on_card(grant: Mapping[str, object]) -> str:
    """Say it on the card that it came with, or on one that ran under it."""
    named = f"grant `{clean(grant['short_id'])}` of *{clean(grant['person'])}*"
    if not grant.get("given_here"):
        use = f", use {grant['use']} of {grant['most']}" if grant.get("use") else ""
        return f"⏱️ Nobody was asked: {named}{use}"
    if grant.get("withdrawn_by"):
        return f"⏱️ {named}: withdrawn by *{clean(grant['withdrawn_by'])}*"
    return (
        f"⏱️ {named}: the same on {clean(grant['service'])} runs by itself until "
        f"{moment(grant['expires_at'])}, at most {grant['most']} times, up to risk "
        f"{grant.get('most_risk', 0)}"
    )
