"""From an outbox row's kind to its message."""

from collections.abc import Callable, Mapping

from bot.blocks.answer import render_answer
from bot.blocks.card import render_card, render_reminder
from bot.blocks.digest import render_digest
from bot.blocks.evidence import render_after, render_evidence, render_trace
from bot.blocks.flare import render_flare
from bot.blocks.fold import render_fold
from bot.blocks.root import Rendered, render_root

RENDERERS: Mapping[str, Callable[[Mapping[str, object]], Rendered]] = {
    "root": render_root,
    "trace": render_trace,
    "evidence": render_evidence,
    "after": render_after,
    "card": render_card,
    "fold": render_fold,
    "flare": render_flare,
    "reminder": render_reminder,
    "digest": render_digest,
    "answer": render_answer,
}


class UnknownKind(Exception):
    """An outbox row that this release cannot render."""


def render(kind: str, payload: Mapping[str, object]) -> Rendered:
    """
    Render a row's facts.

    Raises:
        UnknownKind: no renderer is called so, or the facts are not what it takes.
    """
    renderer = RENDERERS.get(kind)
    if renderer is None:
        raise UnknownKind(f"outbox kind {kind!r} has no renderer in this release")
    try:
        return renderer(payload)
    except (KeyError, TypeError, ValueError) as exc:
        raise UnknownKind(f"outbox kind {kind!r}: its facts lack {exc!r}") from exc
