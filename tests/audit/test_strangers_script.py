"""The script of docs/ledger-format.md, run as a stranger would: Python and no more."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.checkpoint import verifier_key
from audit.merkle import prove_inclusion
from tests.architecture.sources import ROOT
from tests.audit.book import FOREIGN, KEY, ORIGIN, Book, notes, records, written

PAGE = (ROOT / "docs" / "ledger-format.md").read_text(encoding="utf-8")
[SCRIPT] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
Proof = dict[str, object]


def proof_of(book: Book, index: int) -> Proof:
    leaves = [one.leaf() for one in records(book)]
    return {
        "entry": dict(records(book)[index].fields),
        "index": index,
        "proof": [one.hex() for one in prove_inclusion(leaves, index)],
        "checkpoint": notes(book)[-1],
    }


def check(tmp_path: Path, proof: Proof, key: str = KEY.text) -> tuple[int, str]:
    """Run the script in an empty folder, without our packages or anybody's."""
    (tmp_path / "check.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "check.py", "proof.json", key],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_script_is_short() -> None:
    """What a stranger has to read before they believe it."""
    code = [line for line in SCRIPT.splitlines() if line.strip()]

    assert len(code) <= 66


@pytest.mark.parametrize("index", [0, 6])
def test_a_good_proof_is_proved(tmp_path: Path, index: int) -> None:
    code, said = check(tmp_path, proof_of(written(), index))

    assert (0, "PROVED") == (code, said[:6])


def change_actor(proof: Proof) -> None:
    proof["entry"] = {**dict(records(written())[2].fields), "actor": "mallory"}


def change_index(proof: Proof) -> None:
    proof["index"] = 3


def change_root(proof: Proof) -> None:
    proof["checkpoint"] = str(proof["checkpoint"]).replace("\n7\n", "\n8\n")


def change_signature(proof: Proof) -> None:
    note = str(proof["checkpoint"])
    proof["checkpoint"] = note[:-12] + ("A" if note[-12] != "A" else "B") + note[-11:]


def shorten(proof: Proof) -> None:
    proof["proof"] = list(proof["proof"])[:-1]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "forge", [change_actor, change_index, change_root, change_signature, shorten]
)
def test_a_forged_proof_is_not(tmp_path: Path, forge: Callable[[Proof], None]) -> None:
    proof = proof_of(written(), 2)
    forge(proof)
    code, said = check(tmp_path, proof)

    assert (1, "NOT PROVED") == (code, said[:10])


def test_another_key_proves_nothing(tmp_path: Path) -> None:
    foreign = verifier_key(ORIGIN, FOREIGN).text
    code, said = check(tmp_path, proof_of(written(), 2), foreign)

    assert (1, "NOT PROVED: another key signed\n") == (code, said)


def test_another_tenants_proof_is_not_ours(tmp_path: Path) -> None:
    code, said = check(tmp_path, proof_of(written(tenant="globex"), 2))

    assert 1 == code
    assert "NOT PROVED" in said
