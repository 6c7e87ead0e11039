# ruff: noqa: RUF001 - signs of other scripts
"""
Addresses that Chinese and Japanese write without a break: from the large to the small.

A region by the sign that ends its name (``都``, ``区``, ``市``), and behind it a number
with the sign of a block, a house or a street: none is one without the other.
"""

import re
from collections.abc import Iterator

_CJK = "\u3040-\u30ff\u3400-\u9fff"
_BLOCK = r"(?:丁目|番地|番|号|號|弄|栋|棟|楼|室|[-‐−ー－]\d{1,4})"
_FORM = re.compile(
    rf"(?:〒?\d{{3}}[-－]\d{{4}}[ \u3000]?)?[{_CJK}]{{1,8}}[都道府県省市区區县郡]"
    rf"[{_CJK}]{{0,24}}?[ \u3000]?\d{{1,4}}{_BLOCK}(?:[の院]|\d{{1,4}}|{_BLOCK}){{0,8}}"
)
# Some of these signs are in every such address; there are few of them elsewhere.
_REGION = re.compile("[都道府県省市区區县郡]")


def eastern_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Give addresses in order; texts of ASCII alone hold none."""
    if text.isascii() or _REGION.search(text) is None:
        return
    for hit in _FORM.finditer(text):
        yield hit.span()
