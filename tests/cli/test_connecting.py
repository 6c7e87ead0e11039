"""How sources are connected: every one, by what the endpoint really takes."""

from bot.alerts.sources import SOURCES
from bot.proofs import VERIFIERS
from cli.connecting import CONNECT, Proof


def of(*proofs: Proof) -> set[str]:
    return {source for source, (proof, _) in CONNECT.items() if proof in proofs}


def test_every_source_is_told() -> None:
    assert list(SOURCES) == list(CONNECT)


def test_who_signs_is_who_is_verified() -> None:
    """What the page says is what the endpoint does."""
    assert set(VERIFIERS) == of(Proof.signature)
    assert {"cloudwatch"} == of(Proof.topics)


def test_each_way_names_what_is_needed() -> None:
    """A secret for who signs, the token for who doesn't."""
    for source, (proof, way) in CONNECT.items():
        assert ("--secret-from-stdin" in way) == (proof is Proof.signature), source
        assert "token" in way, source
