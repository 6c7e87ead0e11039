"""``autopilot doctor`` looks at the scopes of the bot's token."""

from collections.abc import Collection

from bot.manifest import asked_scopes
from cli.finding import Finding


def judge_scopes(granted: Collection[str]) -> Finding:
    """Hold what the workspace granted against what the manifest asks for."""
    asked = {one.name: one for one in asked_scopes()}
    lacking = [one for one in asked.values() if one.name not in granted]
    missing = [one for one in lacking if not one.optional]
    more = sorted(set(granted) - asked.keys())
    if missing:
        said = "; ".join(f"{one.name}: {one.without}" for one in missing)
        return Finding(
            "scopes",
            ok=False if any(one.needed for one in missing) else None,
            text=f"missing {said}",
            mend="`autopilot slack manifest` has them: install the app again",
        )
    if more:
        mend = "take them out of the app's manifest, and install it again"
        text = f"granted, and never used: {', '.join(more)}"
        return Finding("scopes", ok=None, text=text, mend=mend)
    left = f", without {', '.join(one.name for one in lacking)}" if lacking else ""
    return Finding("scopes", ok=True, text=f"as the manifest asks{left}")
