"""
Hold a message or a view against Slack's limits, and shorten what is too long.

What is for reading is shortened. Buttons, choices, ids and what they carry are not:
where they don't fit, the fault is named and nothing is changed. The block that comes
first, which says what it is all about, is the last to be shortened for a whole.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.outbound.fault import Fault
from bot.outbound.limits import COUNTS, MESSAGE_SIGNS, METADATA_BYTES, TEXTS, VIEW_BYTES
from bot.outbound.parts import ANY, FIELDS, READ_ONLY, VIEW, How
from bot.outbound.shorten import shorten
from bot.outbound.shrink import Shown, shrink

Part = dict[str, object]
_NOTHING = "…"
# What gives way to a whole that is too large: notes, the rest, what comes first.
_NOTES, _REST, _HEAD = range(3)
_NAMED = frozenset({How.option, How.option_group})


@dataclass(slots=True)
class Fit:
    """One message or view being fitted; ``faults`` are what was wrong with it."""

    faults: list[Fault] = field(default_factory=list)
    _texts: list[Shown] = field(default_factory=list)
    _rank: int | None = None

    def message(self, given: Mapping[str, object], place: str = "") -> Part:
        """Give the fields of a message, an answer or an unfurl as they are sent."""
        made = dict(given)
        for name in ("text", "markdown_text"):
            if made.get(name):
                self._text(made, name, f"message.{name}", f"{place}{name}", How.shown)
        if made.get("metadata") is not None:
            most = METADATA_BYTES[0]
            self._check(bytes_of(made["metadata"]), most, f"{place}metadata", "bytes")
        if isinstance(made.get("blocks"), list | tuple):
            blocks = self._blocks(made["blocks"], "message.blocks", f"{place}blocks")
            made["blocks"] = self._shrunk(blocks, f"{place}blocks")
        if made.get("attachments"):
            attached = _parts(made["attachments"])
            self._check(
                len(attached),
                COUNTS["message.attachments"][0],
                f"{place}attachments",
                "message.attachments",
            )
            made["attachments"] = [
                self.message(one, f"{place}attachments/{at}/")
                for at, one in enumerate(attached)
            ]
        return made

    def view(self, given: Mapping[str, object], place: str = "view/") -> Part:
        """Give a modal or a Home as it is sent."""
        made = dict(given)
        for name, how in VIEW.items():
            if made.get(name) is not None:
                self._text(made, name, f"view.{name}", f"{place}{name}", how)
        made["blocks"] = self._blocks(
            made.get("blocks"), "view.blocks", f"{place}blocks"
        )
        have, most = bytes_of(made), VIEW_BYTES[0]
        if have > most:
            mended = shrink(self._texts, lambda: bytes_of(made), most)
            fault = Fault(place[:-1], "bytes", have, most, is_mended=mended)
            self.faults.append(fault)
        return made

    def _shrunk(self, blocks: list[Part], place: str) -> list[Part]:
        """Give a message's blocks with shorter texts, or, where that helps, fewer."""
        have, most = signs_of(blocks), MESSAGE_SIGNS[0]
        if have <= most:
            return blocks
        if not shrink(self._texts, lambda: signs_of(blocks), most):
            fewer = (_without_last(blocks, over) for over in range(1, len(blocks)))
            blocks = next((one for one in fewer if signs_of(one) <= most), blocks)
        mended = signs_of(blocks) <= most
        self.faults.append(Fault(place, "signs", have, most, is_mended=mended))
        return blocks

    def _blocks(self, given: object, what: str, place: str) -> list[Part]:
        blocks = _parts(given)
        most = COUNTS[what][0]
        if len(blocks) > most:
            kept = _without_last(blocks, len(blocks) - most)
            mended = len(kept) <= most
            self.faults.append(Fault(place, what, len(blocks), most, is_mended=mended))
            blocks = kept
        self._texts.clear()
        seen: set[object] = set()
        made = []
        for at, block in enumerate(blocks):
            kind = str(block.get("type"))
            self._rank = _NOTES if kind == "context" else _REST
            if at == 0:
                self._rank = _HEAD
            made.append(self._part(block, kind, f"{place}/{at}"))
            if block.get("block_id") and block["block_id"] in seen:
                self.faults.append(Fault(f"{place}/{at}", "same block_id", 2, 1))
            seen.add(block.get("block_id"))
        self._rank = None
        return made

    def _part(self, given: Mapping[str, object], kind: str, place: str) -> Part:
        made = dict(given)
        known = FIELDS.get(kind, {})
        if kind not in FIELDS:
            unknown = "of a type that the gate does not know"
            self.faults.append(Fault(place, unknown, 1, 0, is_unknown=True))
        for name, how in {**ANY, **known}.items():
            if made.get(name) is None:
                continue
            where = f"{kind}.{name}" if name in known else name
            self._field(made, name, where, f"{place}/{name}", how)
        return made

    def _field(self, holder: Part, name: str, what: str, place: str, how: How) -> None:
        value = holder[name]
        if isinstance(value, list | tuple):
            holder[name] = self._list(value, what, place, how)
        elif how is How.parts:
            [part] = _parts([value]) or [{}]
            holder[name] = self._part(part, str(part.get("type")), place)
        elif how is How.confirm:
            [part] = _parts([value]) or [{}]
            holder[name] = self._part(part, "confirm", place)
        else:
            self._text(holder, name, what, place, how)

    def _list(
        self, given: Sequence[object], what: str, place: str, how: How
    ) -> list[object]:
        items, most = list(given), COUNTS.get(what, (len(given), ""))[0]
        if len(items) > most:
            mended = how is How.shown
            self.faults.append(Fault(place, what, len(items), most, is_mended=mended))
            if mended:
                left = len(items) - most + 1
                more = {"type": "mrkdwn", "text": f"… ({left:,} more)"}
                items = [*items[: most - 1], more]
        made: list[object] = []
        for at, part in enumerate(_parts(items)):
            if how is How.shown and part.get("type") != "image":
                self._text(part, "text", what, f"{place}/{at}", how)
                made.append(part)
            else:
                kind = how.value if how in _NAMED else str(part.get("type"))
                made.append(self._part(part, kind, f"{place}/{at}"))
        return made

    def _text(self, holder: Part, name: str, what: str, place: str, how: How) -> None:
        """Check a text or a text object; shorten it where it is for reading."""
        value = holder[name]
        if isinstance(value, Mapping):
            holder[name] = holder = dict(value)
            name, value = "text", value.get("text", "")
        mrkdwn = holder.get("type") != "plain_text" and not what.startswith("image.")
        text = str(value)
        limit = TEXTS.get(what) or TEXTS.get(f"any.{what}")
        most = limit[0] if limit else len(text)
        shown = how is How.shown
        if shown and not text:
            self.faults.append(Fault(place, what, 0, most, is_mended=True))
            holder[name] = _NOTHING
        if len(text) > most:
            self.faults.append(Fault(place, what, len(text), most, is_mended=shown))
            if shown:
                holder[name] = shorten(text, most, mrkdwn=mrkdwn)
        if shown and self._rank is not None:
            self._texts.append(Shown(holder, name, text, self._rank, mrkdwn=mrkdwn))

    def _check(self, have: int, most: int, place: str, what: str) -> None:
        if have > most:
            self.faults.append(Fault(place, what, have, most))


def signs_of(blocks: Sequence[Mapping[str, object]]) -> int:
    """Count a message's blocks as Slack does."""
    return len(json.dumps(blocks, ensure_ascii=False))


def bytes_of(value: object) -> int:
    """Count what is sent as JSON, at the most: every sign that is not ASCII escaped."""
    return len(json.dumps(value))


def _parts(given: object) -> list[Part]:
    """Give what are objects among these; nothing else stands where they stand."""
    found = given if isinstance(given, list | tuple) else []
    return [dict(one) if isinstance(one, Mapping) else {} for one in found]


def _without_last(blocks: Sequence[Part], over: int) -> list[Part]:
    """Leave out the last that are only read, but for the first block; say how many."""
    free = [
        at
        for at, block in enumerate(blocks)
        if at > 0 and block.get("type") in READ_ONLY and not block.get("accessory")
    ]
    # One more, for the line that says so.
    gone = free[-(over + 1) :]
    if len(gone) <= over:
        return list(blocks)
    more = {"type": "mrkdwn", "text": f"… ({len(gone):,} more)"}
    said: Part = {"type": "context", "elements": [more]}
    kept = set(range(len(blocks))) - set(gone[1:])
    return [said if at == gone[0] else blocks[at] for at in sorted(kept)]
