from slack_sdk.signature import SignatureVerifier

from lab.slack.signature import signed_headers


def test_slacks_own_verifier_accepts_it() -> None:
    """And refuses it for another body."""
    verifier = SignatureVerifier("secret")
    headers = signed_headers("secret", b"payload=1", now=1700000000.9)
    verifier.clock.now = lambda: 1700000010.0  # type: ignore[method-assign]

    assert verifier.is_valid_request(b"payload=1", headers)
    assert not verifier.is_valid_request(b"payload=2", headers)
