"""``audit verify --from-export``: a file, keys and anchors; no database at all."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from audit.export import Note, render_line
from cli.processes import ROOT
from tests.audit.book import FOREIGN, KEY, key_of, notes, rewritten, written
from tests.cli.world import Autopilot, Environment

GOOD = written()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "acme.jsonl"
    path.write_bytes(GOOD.text)
    return path


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    path = tmp_path / "anchors.jsonl"
    both = [*notes(written(tenant="globex")), *notes(GOOD)]
    path.write_text("".join(render_line(Note(one)) for one in both))
    return path


def verify(autopilot: Autopilot, export: Path, *flags: str) -> tuple[int, str]:
    said = autopilot("audit", "verify", "--from-export", str(export), *flags)
    return said.code, said.out + said.err


def test_a_good_export_verifies(autopilot: Autopilot, export: Path) -> None:
    """And what that is worth without an anchor is said."""
    code, said = verify(autopilot, export, "--key", KEY.text)

    assert 0 == code
    assert said.startswith("✓ acme: 7 entries verified, 7 signed, 0 anchored")
    assert "would look the same" in said


def test_with_anchors_nothing_is_left_to_say(
    autopilot: Autopilot, export: Path, anchors: Path
) -> None:
    """One file may hold the notes of several ledgers."""
    code, said = verify(autopilot, export, "--key", KEY.text, "--anchors", str(anchors))

    assert (0, 1) == (code, len(said.splitlines()))
    assert "7 anchored" in said


def test_keys_of_the_settings_do_as_well(
    autopilot: Autopilot, export: Path, environment: Environment
) -> None:
    environment.set(LEDGER_VERIFIER_KEYS=base64.b64encode(KEY.public).decode())

    assert 0 == verify(autopilot, export)[0]


@pytest.mark.parametrize("key", [None, key_of("globex").text])
def test_without_the_right_key_nothing_is_verified(
    autopilot: Autopilot, export: Path, key: str | None
) -> None:
    code, said = verify(autopilot, export, *(["--key", key] if key else []))

    assert 1 == code
    assert "not trusted" in said


def test_what_is_no_key_is_said(autopilot: Autopilot, export: Path) -> None:
    code, said = verify(autopilot, export, "--key", "secret")

    assert 1 == code
    assert "no verifier key" in said


def test_a_forgery_is_exit_1_and_named(
    autopilot: Autopilot, export: Path, anchors: Path
) -> None:
    """Made anew under the very key: an anchor tells."""
    export.write_bytes(rewritten(GOOD, 2, actor="mallory").text)
    code, said = verify(autopilot, export, "--key", KEY.text, "--anchors", str(anchors))

    assert 1 == code
    assert "✗ acme: entry 4: the tree up to it is not that of anchor" in said


def test_as_json_it_is_one_document(autopilot: Autopilot, export: Path) -> None:
    code, said = verify(autopilot, export, "--json", "--key", KEY.text)
    [found] = json.loads(said)

    assert (0, None, 7) == (code, found["problem"], found["entries"])


@pytest.mark.parametrize("content", [b"", b"\n", b"hello\n", b"\xff\n"])
def test_a_file_that_is_no_export_is_no_success(
    autopilot: Autopilot, export: Path, content: bytes
) -> None:
    export.write_bytes(content)
    code, said = verify(autopilot, export, "--key", KEY.text)

    assert 1 == code
    assert "✓" not in said


def test_a_file_that_is_not_there_is_said(autopilot: Autopilot, tmp_path: Path) -> None:
    code, _ = verify(autopilot, tmp_path / "nothing", "--key", KEY.text)

    assert 1 == code


def test_a_kept_checkpoint_must_be_continued(
    autopilot: Autopilot, export: Path, tmp_path: Path
) -> None:
    """One of another view is found; so is one under a key that nobody knows."""
    for note, expected in (
        (notes(GOOD)[0], 0),
        (notes(rewritten(GOOD, 2, actor="x"))[0], 1),
        (written().sign(FOREIGN), 1),
    ):
        kept = tmp_path / "note"
        kept.write_text(note, encoding="utf-8")
        code, _ = verify(autopilot, export, "--key", KEY.text, "--since", str(kept))

        assert expected == code


def test_the_verifier_loads_no_database() -> None:
    """What reads exports is small, and free of drivers."""
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import audit.verification, sys; print(*sys.modules)",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert not {"sqlalchemy", "psycopg", "storage", "pydantic"} & set(loaded)
