"""Why a proposal stands where it stands: policy's words, rules, risk."""

from collections.abc import Sequence

from bot.blocks.text import clean
from bot.blocks.what import title_of
from storage import decisions, posts
from storage.database import Tx
from storage.proposals import Proposal


async def reasons(tx: Tx, proposal: Proposal) -> Sequence[str]:
    """Give lines of mrkdwn, its title first."""
    title = title_of(await posts.card_of(tx, proposal))
    found = await decisions.get(tx, proposal.decision_id)
    rules = ", ".join(f"`{clean(one)}`" for one in found.cedar_ids)
    guards = f", guards {rules}" if rules else ""
    lines = [
        f"*{clean(title)}* · {proposal.state.replace('_', ' ')}",
        (
            f"• policy: {found.verdict.replace('_', ' ')}, {clean(found.reason)} "
            f"(level {found.level}, rule `{clean(found.matrix_rule)}`{guards})"
        ),
    ]
    if proposal.state == "needs_approval":
        whose = " or ".join(map(clean, proposal.roles)) or "nobody"
        lines.append(f"• needs {proposal.quorum} of {whose}")
    if proposal.uncited:
        lines.append(f"• uncited: {clean(', '.join(proposal.uncited))}")
    if proposal.tainted:
        lines.append("• its target stands in text that others can write")
    factors = " · ".join(clean(one) for one in proposal.risk_factors)
    lines.append(f"• risk {proposal.risk}/10: {factors or 'nothing speaks against it'}")
    return lines
