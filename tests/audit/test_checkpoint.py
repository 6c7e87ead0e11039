"""Checkpoints: the text form, one key, and not a byte of slack."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.checkpoint import (
    BadCheckpoint,
    BadLedgerKey,
    Checkpoint,
    VerifierKey,
    load_signing_key,
    open_checkpoint,
    parse_verifier_key,
    sign_checkpoint,
    verifier_key,
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "ops-autopilot/acme"
KEY = verifier_key(ORIGIN, PRIVATE)
CHECKPOINT = Checkpoint(
    ORIGIN, 42, bytes(range(32)), 0, "2026-11-26T21:00:00.000000+00:00"
)
NOTE = sign_checkpoint(CHECKPOINT, PRIVATE)


def test_a_signed_note_has_the_lines_of_the_standard() -> None:
    """Origin, size, root, our one extension line, an empty line, an em dash."""
    lines = NOTE.split("\n")

    assert [
        ORIGIN,
        "42",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "epoch 0 at 2026-11-26T21:00:00.000000+00:00",
        "",
    ] == lines[:5]
    assert lines[5].startswith(f"— {ORIGIN} ")
    assert [""] == lines[6:]


def test_what_was_signed_is_read_back() -> None:
    assert (CHECKPOINT, KEY) == open_checkpoint(NOTE, [KEY])


def test_the_published_example_of_a_key_id_is_ours() -> None:
    """The id is the first four bytes of SHA-256 of name, newline, 1 and key."""
    key = parse_verifier_key(
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    )

    assert "c74f20a3" == key.id.hex()


def test_no_byte_of_a_note_may_change() -> None:
    """Each byte, changed to each of several others, or left out, is refused."""
    raw = NOTE.encode()
    for place in range(len(raw)):
        changed = [bytes([raw[place] ^ bit]) for bit in (1, 2, 4, 8, 16, 32, 64)]
        for byte in (b"", b"\n", b"A", *changed):
            if byte == raw[place : place + 1]:
                continue
            forged = raw[:place] + byte + raw[place + 1 :]
            with pytest.raises(BadCheckpoint):
                open_checkpoint(forged.decode(errors="replace"), [KEY])


def test_another_key_of_the_same_name_is_not_trusted() -> None:
    """The message says which key it was, and what to do if it was one's own."""
    foreign = sign_checkpoint(CHECKPOINT, Ed25519PrivateKey.generate())

    with pytest.raises(BadCheckpoint, match="not trusted; if it was yours"):
        open_checkpoint(foreign, [KEY])


def test_a_forged_key_id_helps_nobody() -> None:
    """A signature under the id of a trusted key is held against that key."""
    foreign = sign_checkpoint(CHECKPOINT, Ed25519PrivateKey.generate())
    text, line = foreign.rsplit("\n\n", 1)
    raw = base64.b64decode(line.split(" ")[2])
    forged = base64.b64encode(KEY.id + raw[4:]).decode()

    with pytest.raises(BadCheckpoint, match="does not verify"):
        open_checkpoint(f"{text}\n\n— {ORIGIN} {forged}\n", [KEY])


def test_a_key_of_another_log_signs_nothing_here() -> None:
    """One tenant's checkpoint is never another's."""
    other = VerifierKey("ops-autopilot/globex", KEY.public)

    with pytest.raises(BadCheckpoint):
        open_checkpoint(NOTE, [other])


def test_a_second_signature_is_refused() -> None:
    with pytest.raises(BadCheckpoint):
        open_checkpoint(NOTE + NOTE.rsplit("\n\n", 1)[1], [KEY])


def test_a_verifier_key_is_read_back() -> None:
    assert KEY == parse_verifier_key(KEY.text)


@pytest.mark.parametrize(
    "text",
    ["", "acme", KEY.text[:-4], KEY.text.replace("acme", "acmf"), f"{KEY.text}!"],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(BadLedgerKey, match="audit keys"):
        parse_verifier_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "ä", "a\nb"])
def test_a_name_that_no_note_can_carry_is_refused(name: str) -> None:
    with pytest.raises(BadLedgerKey, match="LEDGER_NAME"):
        verifier_key(name, PRIVATE)


@pytest.mark.parametrize(
    "made_at", ["yesterday", "2026-11-26", "2026-11-26T21:00:00.000000"]
)
def test_what_is_no_instant_is_not_signed(made_at: str) -> None:
    with pytest.raises(BadCheckpoint):
        sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32), 0, made_at), PRIVATE)


def pem(key: Ed25519PrivateKey | X25519PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def test_the_signing_key_is_read_from_pem() -> None:
    assert KEY == verifier_key(ORIGIN, load_signing_key(pem(PRIVATE)))


@pytest.mark.parametrize(
    "text",
    ["", "key", pem(X25519PrivateKey.from_private_bytes(bytes(32)))],
    ids=["nothing", "a word", "another kind of key"],
)
def test_what_is_no_signing_key_is_refused(text: str) -> None:
    with pytest.raises(BadLedgerKey, match="autopilot keys new"):
        load_signing_key(text)
