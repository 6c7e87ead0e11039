"""What a failed exchange means, in words: the cause that a person can act on."""

import ssl

import httpx

from gateway.connectors.pinned import AddressRefused

_MOST_QUOTED = 200
_MEANINGS = {
    401: "the credential is refused; check or renew it",
    403: "the credential lacks a permission",
    404: "not found",
    409: "in conflict with what the system holds",
    429: "too many requests",
}
# Nothing left before these: no connection stood, or its head was no HTTP.
BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
)


def say_failure(error: httpx.HTTPError) -> str:
    """Name the error and, where TLS or the address check refused, their reason."""
    refused = certificate_trouble(error)
    if refused is not None:
        return f"{type(error).__name__}: its certificate is refused: {refused}"
    text = str(error)
    return (
        f"{type(error).__name__}: {text[:_MOST_QUOTED]}"
        if text
        else type(error).__name__
    )


def certificate_trouble(error: BaseException) -> str | None:
    """Give why a certificate did not verify; None if that was not the trouble."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_message or str(seen)
        if isinstance(seen, ssl.SSLError):
            return seen.reason or str(seen)
        seen = seen.__cause__ or seen.__context__
    return None


def will_pass(error: BaseException) -> bool:
    """Tell whether another try may help: not where certificate or address is wrong."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AddressRefused | ssl.SSLError):
            return False
        seen = seen.__cause__ or seen.__context__
    return True


def say_status(status: int, body: bytes, location: str = "") -> str:
    """Say what an error status means, with at most 200 bytes of its body."""
    if httpx.codes.is_redirect(status):
        where = _host(location) or "another path"
        return f"HTTP {status}: redirects to {where}; none is followed"
    meaning = _MEANINGS.get(status)
    told = f"HTTP {status}" + (f": {meaning}" if meaning else "")
    quoted = body[:_MOST_QUOTED].decode("utf-8", "replace").strip()
    return f"{told} {quoted}".strip()


def _host(location: str) -> str:
    """Give the host alone: path and query may hold a token."""
    try:
        return httpx.URL(location).host[:_MOST_QUOTED]
    except httpx.InvalidURL:
        return "what is no address"
