from slack_sdk.signature import SignatureVerifier

from lab.slack.signature import signed_headers
from tests.lab.world import StillClock


def test_slacks_own_verifier_accepts_it() -> None:
    """And refuses it for another body."""
    verifier = SignatureVerifier("secret", StillClock(1700000010.0))
    headers = signed_headers("secret", b"payload=1", now=1700000000.9)

    assert verifier.is_valid_request(b"payload=1", headers)
    assert not verifier.is_valid_request(b"payload=2", headers)
