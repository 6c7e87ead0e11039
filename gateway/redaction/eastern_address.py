# ruff: noqa: RUF001 - signs of other scripts
"""
Addresses that Chinese and Japanese write without a break: from the large to the small.

A region by the sign that ends its name (``都``, ``区``, ``市``), and behind it a number
with the sign of a block, a house or a street: none is one without the other. A ward's
sign ends the name of a partition too (``分区``), so it needs a city or a street.
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
# A prefecture, a city, a street, a block with its house; 都 and 道 are words as well.
_PLACE = re.compile(
    r"[東东]?京都|北海道|[府県省市路街巷弄町村里]|大道|丁目|番地"
    r"|\d[-‐−ー－]\d{1,4}[-‐−ー－]\d"
)
_PARTITION = re.compile(
    r"(?:分|可用|内存|缓冲|缓存|存储|交换|数据|日志|工作|磁盘|扇|时|机)"
    r"[区區][ \u3000]?\d"
)


def eastern_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Give addresses in order; texts of ASCII alone hold none."""
    if text.isascii() or _REGION.search(text) is None:
        return
    for hit in _FORM.finditer(text):
        if _PLACE.search(hit[0]) and _PARTITION.search(hit[0]) is None:
            yield hit.span()
