"""Amazon SNS: no other host, no redirect, no flood, nothing endless."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.buckets import Rate, full_bucket
from bot.signatures import BadSignature
from bot.sns import Sns, SnsAway, get_bounded, get_from_sns
from tests.bot.amazon import CERTIFICATE, HOST, SUBSCRIBE, Amazon

OTHERS = [
    "http://sns.eu-west-1.amazonaws.com/",
    "https://sns.eu-west-1.amazonaws.com.evil.example/",
    "https://sns.eu-west-1.amazonaws.com@127.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://sns.eu-west-1.amazonaws.com:8443/",
]


def sns(amazon: Amazon, rate: Rate | None = None) -> Sns:
    amazon.asked, amazon.is_away = [], False
    return Sns(amazon.get, full_bucket(rate or Rate(1, 99), 0), lambda: 0.0)


async def test_a_certificate_is_fetched_once(amazon: Amazon) -> None:
    ours = sns(amazon)
    for _ in range(3):
        await ours.certificate(CERTIFICATE)

    assert [CERTIFICATE] == amazon.asked


@pytest.mark.parametrize(
    "address",
    [
        *(f"{other}SimpleNotificationService-{'0' * 32}.pem" for other in OTHERS),
        f"{HOST}/another.pem",
        f"{HOST}/SimpleNotificationService-{'0' * 32}.pem/..",
        SUBSCRIBE,
    ],
)
async def test_nothing_else_is_a_certificate(amazon: Amazon, address: str) -> None:
    """Whoever could name another one would sign for Amazon."""
    with pytest.raises(BadSignature):
        await sns(amazon).certificate(address)
    assert [] == amazon.asked


async def test_strangers_can_not_make_it_reach_out_for_ever(amazon: Amazon) -> None:
    """Of many certificates a few are fetched; then the sender comes again."""
    ours = sns(amazon, Rate(1, 2))
    some = [CERTIFICATE.replace("-0", f"-{digit}") for digit in "123"]
    for one in some[:2]:
        await ours.certificate(one)

    with pytest.raises(SnsAway, match="too many"):
        await ours.certificate(some[2])
    assert some[:2] == amazon.asked


async def test_what_is_no_certificate_is_not_kept() -> None:
    """A proxy's page in its place must not last until the process ends."""
    answers = [b"<html>", b"-----BEGIN CERTIFICATE-----"]

    async def get(_address: str) -> bytes:
        return answers.pop(0)

    ours = Sns(get, full_bucket(Rate(1, 9), 0), lambda: 0.0)
    with pytest.raises(SnsAway, match="no certificate"):
        await ours.certificate(CERTIFICATE)

    assert await ours.certificate(CERTIFICATE)


async def test_a_failure_is_not_kept(amazon: Amazon) -> None:
    ours = sns(amazon)
    amazon.is_away = True
    with pytest.raises(SnsAway):
        await ours.certificate(CERTIFICATE)
    amazon.is_away = False

    assert await ours.certificate(CERTIFICATE)


async def test_a_subscription_is_confirmed_by_getting_its_address(
    amazon: Amazon,
) -> None:
    await sns(amazon).confirm(SUBSCRIBE)

    assert [SUBSCRIBE] == amazon.asked


@pytest.mark.parametrize("address", OTHERS)
async def test_no_other_host_is_reached(amazon: Amazon, address: str) -> None:
    """Neither by who confirms, nor by what gets."""
    with pytest.raises(SnsAway, match="no host of Amazon SNS"):
        await sns(amazon).confirm(address)
    with pytest.raises(SnsAway, match="no host of Amazon SNS"):
        await get_from_sns(address)
    assert [] == amazon.asked


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def elsewhere(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/small")

    def sized(size: int, status: int = 200) -> web.Response:
        return web.Response(body=b"x" * size, status=status)

    async def answer(request: web.Request) -> web.Response:
        sizes = {"small": sized(5), "large": sized(65_537), "broken": sized(1, 500)}
        return sizes[request.match_info["name"]]

    app = web.Application()
    app.router.add_get("/elsewhere", elsewhere)
    app.router.add_get("/{name}", answer)
    made = TestServer(app)
    await made.start_server()
    yield made
    await made.close()


async def test_what_is_small_is_got(server: TestServer) -> None:
    assert b"xxxxx" == await get_bounded(str(server.make_url("/small")))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/elsewhere", "answered 302"),
        ("/broken", "answered 500"),
        ("/large", "more than"),
    ],
)
async def test_nothing_is_followed_and_nothing_large_is_read(
    server: TestServer, path: str, why: str
) -> None:
    with pytest.raises(SnsAway, match=why):
        await get_bounded(str(server.make_url(path)))


async def test_nobody_there_is_said() -> None:
    with pytest.raises(SnsAway, match="gave no answer"):
        await get_bounded("http://127.0.0.1:9/")
