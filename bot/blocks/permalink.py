"""Addresses within our own workspace, and words that lead there."""

import re

from bot.blocks.text import clean, exact
from storage.threads import Place

_BASE = re.compile(r"https://[a-z0-9.-]{1,200}/")
_CHANNEL = re.compile(r"[A-Z0-9]{2,40}")
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}")


def permalink(base: str, place: Place) -> str:
    """
    Give the address of a message as ``chat.getPermalink`` would; "" if there is none.

    ``base`` is the workspace's own address, as ``auth.test`` names it.
    """
    if not _BASE.fullmatch(base):
        return ""
    stamps = [place.ts, *([place.root_ts] if place.root_ts else [])]
    if not (_CHANNEL.fullmatch(place.channel) and all(map(_TS.fullmatch, stamps))):
        return ""
    address = f"{base}archives/{place.channel}/p{place.ts.replace('.', '')}"
    if place.root_ts in (None, place.ts):
        return address
    return f"{address}?thread_ts={place.root_ts}&cid={place.channel}"


def linked(label: object, address: str, *, most: int = 300) -> str:
    """Give foreign words that lead to an address of ours, or stand alone."""
    if not address:
        return clean(label, most=most)
    # A link holds no instant of ours.
    words = exact(" ".join(str(label).split()), most=most)
    return f"<{address}|{words}>" if words else ""
