"""
Amazon SNS: its certificates, and the confirmation of a subscription.

The one place where the web process reaches out by itself: https on hosts that
``is_sns_address`` pins, no redirects, a short time, a small answer.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp

from bot.buckets import Bucket
from bot.signatures import BadSignature, is_sns_address

# Gives what stands behind an address; raises SnsAway and nothing else.
Get = Callable[[str], Awaitable[bytes]]

_TIMEOUT_SECONDS = 5
_MOST_BYTES = 64 * 1024
_MOST_CERTIFICATES = 32
_OK = 200
# The one name that Amazon's certificates have: sns, "Verifying message signatures".
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem")


class SnsAway(Exception):
    """Amazon SNS gave no usable answer; it will send its message again."""


@dataclass(slots=True)
class Sns:
    """
    Amazon SNS as one process sees it; a certificate never changes behind its address.

    ``reaching`` bounds how often strangers may make this process reach out.
    """

    get: Get
    reaching: Bucket
    monotonic: Callable[[], float]
    _certificates: dict[str, bytes] = field(default_factory=dict)

    async def certificate(self, address: str) -> bytes:
        """
        Give a certificate; a ``FetchCertificate`` for ``verify_sns``.

        Raises:
            BadSignature: the address is none of Amazon's certificates.
            SnsAway: it could not be had now.
        """
        kept = self._certificates.get(address)
        if kept is not None:
            return kept
        is_pinned = is_sns_address(address)
        if not is_pinned or not _CERTIFICATE.fullmatch(urlsplit(address).path):
            raise BadSignature("SigningCertURL is no certificate of Amazon SNS")
        if self.reaching.take(self.monotonic()) > 0:
            raise SnsAway("too many certificates are asked for at once")
        found = await self.get(address)
        if b"-----BEGIN CERTIFICATE-----" not in found:
            raise SnsAway("what SigningCertURL gave is no certificate")
        if len(self._certificates) >= _MOST_CERTIFICATES:
            del self._certificates[next(iter(self._certificates))]
        self._certificates[address] = found
        return found

    async def confirm(self, subscribe_url: str) -> None:
        """
        Confirm a subscription, whose message is proven, by getting its address.

        Raises:
            SnsAway: the address is no host of Amazon SNS, or it was not confirmed.
        """
        if not is_sns_address(subscribe_url):
            raise SnsAway("SubscribeURL is on no host of Amazon SNS")
        await self.get(subscribe_url)


async def get_from_sns(address: str) -> bytes:
    """
    Get from a pinned host alone.

    Raises:
        SnsAway: it is no pinned host, or gave no usable answer.
    """
    if not is_sns_address(address):
        raise SnsAway("the address is on no host of Amazon SNS")
    return await get_bounded(address)


async def get_bounded(address: str) -> bytes:
    """
    Get without following anything, for a short time, and no more than 64 KiB.

    Raises:
        SnsAway: another status than 200, more than that, or no answer.
    """
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            if answer.status != _OK:
                raise SnsAway(f"Amazon SNS answered {answer.status}")
            found = bytearray()
            async for chunk in answer.content.iter_chunked(_MOST_BYTES):
                found += chunk
                if len(found) > _MOST_BYTES:
                    raise SnsAway(f"Amazon SNS answered more than {_MOST_BYTES} bytes")
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise SnsAway(f"Amazon SNS gave no answer: {type(exc).__name__}") from exc
    return bytes(found)
