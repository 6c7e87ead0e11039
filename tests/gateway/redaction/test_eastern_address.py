# ruff: noqa: RUF001 - signs of other scripts
"""Addresses in one word, as Chinese and Japanese write them."""

import pytest

from gateway.redaction.eastern_address import eastern_addresses
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in eastern_addresses(text)]


@pytest.mark.parametrize(
    "address",
    [
        "〒530-0001 大阪府大阪市北区梅田3-1-1",
        "横浜市中区本町6丁目50番地の10",
        "名古屋市中村区名駅4丁目7番1号",
        "上海市浦东新区世纪大道100号",
        "广州市天河区体育西路57号3栋201室",
        "海淀区中关村大街27号",
        "渋谷区神南1-2-3",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "住所：{}", "({})。", "配送: {} 12月"])
def test_an_address_is_found_whole(address: str, sentence: str) -> None:
    assert [address] == found(sentence.format(address))


@pytest.mark.parametrize(
    "text",
    [
        "市場は3日に開く",
        "3号机组重启",
        "注文番号 4711 を確認",
        "区分2のエラー",
        "city 3-1-1",
        "部署到3台服务器，耗时12秒",
        "在可用区12-34重启",
        "内存区 1024号",
        "分区 7号 offset 12345",
        "市场分区 12号",
        "节点都在3号机",
        "频道 12号",
    ],
)
def test_a_number_in_prose_is_none(text: str) -> None:
    assert [] == found(text)


def test_an_address_takes_no_instant() -> None:
    for text in (
        "日志分区 2031-04-05T06:07:08Z 写入失败",
        "港区南青山町 2031-04-05 12:00:00",
    ):
        assert text == redact_text(text, Placeholders(key=b"k"))
