"""What stands behind placeholders; the gateway's role alone reads it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.database import Tx
from storage.rows import here

# As text and in one row: a row each costs more to read than to find. The alerts are
# found one by one, since a join is planned for a few and goes through all pairs.
_KNOWN = """
    SELECT (SELECT string_agg(fingerprint || ' ' || placeholder, chr(10)) FROM vault
             WHERE task_id = :task) AS known,
           (SELECT string_agg(placeholder || ' ' || encode(ciphertext, 'hex'), chr(10))
              FROM vault
             WHERE task_id = :task AND ciphertext <> ''
               AND kind = ANY(CAST(:kinds AS text[]))) AS sealed,
           (SELECT string_agg(placeholder, ' ') FROM vault
             WHERE task_id = :task AND ciphertext = '') AS forgotten,
           (SELECT string_agg(DISTINCT form[1], '')
              FROM (SELECT title AS told FROM tasks WHERE id = :task
                    UNION ALL
                    SELECT concat_ws(' ', title, service, labels, annotations, links)
                      FROM alerts
                     WHERE id = ANY(ARRAY(SELECT alert_id FROM task_alerts
                                           WHERE task_id = :task))) AS texts,
                   regexp_matches(told, '⟨[^⟨⟩ ]{3,40}⟩', 'g') AS form
             WHERE strpos(told, '⟨') > 0) AS named
"""
_KEEP = """
    INSERT INTO vault (tenant_id, environment, task_id, created_at, placeholder, kind,
                       fingerprint, ciphertext)
    SELECT :tenant_id, :environment, :task_id, :created_at, fresh.*
      FROM unnest(CAST(:placeholders AS text[]), CAST(:kinds AS text[]),
                  CAST(:fingerprints AS text[]), CAST(:ciphertexts AS bytea[])) AS fresh
    ON CONFLICT (tenant_id, environment, task_id, placeholder)
      DO UPDATE SET ciphertext = EXCLUDED.ciphertext, created_at = EXCLUDED.created_at
      WHERE vault.ciphertext = ''
"""
_FORGET = """
    UPDATE vault AS v SET ciphertext = ''
      FROM tasks AS t
     WHERE v.ciphertext <> '' AND v.created_at < :before AND t.tenant_id = v.tenant_id
       AND t.environment = v.environment AND t.id = v.task_id
       AND coalesce(t.closed_at, CASE WHEN t.state = 'escalated_to_human'
                                      THEN t.updated_at END) < :before
       AND NOT EXISTS (SELECT 1 FROM reversions AS r
                        WHERE r.task_id = v.task_id
                          AND r.state IN ('scheduled', 'running', 'applied'))
"""


@dataclass(frozen=True, slots=True)
class Secret:
    """``ciphertext`` is the value, encrypted under the gateway's key."""

    placeholder: str
    kind: str
    fingerprint: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """
    What a task knows: placeholders by fingerprint, and what is sealed behind some.

    ``named`` holds whatever stands in such brackets in its title and alerts, and
    ``forgotten`` are the placeholders whose value is kept no more.
    """

    placeholders: Mapping[str, str]
    sealed: Mapping[str, bytes]
    named: str
    forgotten: frozenset[str] = frozenset()


async def list_known(tx: Tx, task_id: UUID, *, kinds: Collection[str]) -> Known:
    """Give all that the task knows; sealed values of these kinds alone."""
    row = await tx.row(_KNOWN, {"task": task_id, "kinds": list(kinds)}) or {}
    sealed = _pairs(row.get("sealed"))
    return Known(
        placeholders=_pairs(row.get("known")),
        sealed={name: bytes.fromhex(digits) for name, digits in sealed.items()},
        named=row.get("named") or "",
        forgotten=frozenset((row.get("forgotten") or "").split()),
    )


async def forget(tx: Tx, *, closed_before: datetime) -> int:
    """
    Delete the values of tasks that were closed, or left to a person; give how many.

    One that was met again since then is kept as long anew.

    Their placeholders stay, so that none ever stands for somebody else.
    """
    return await tx.change(_FORGET, {"before": closed_before})


async def list_sealed(
    tx: Tx, task_id: UUID, placeholders: Collection[str]
) -> Mapping[str, bytes]:
    """Give what stands, encrypted, behind placeholders; not what is forgotten."""
    rows = await tx.rows(
        "SELECT placeholder, ciphertext FROM vault WHERE task_id = :task"
        " AND ciphertext <> '' AND placeholder = ANY(CAST(:placeholders AS text[]))",
        {"task": task_id, "placeholders": list(placeholders)},
    )
    return {row["placeholder"]: bytes(row["ciphertext"]) for row in rows}


async def keep(tx: Tx, task_id: UUID, secrets: Sequence[Secret]) -> None:
    """Keep fresh values, all in one statement; forgotten ones come back so."""
    if not secrets:
        return
    await tx.change(
        _KEEP,
        here(
            tx,
            {
                "task_id": task_id,
                "created_at": tx.now,
                "placeholders": [one.placeholder for one in secrets],
                "kinds": [one.kind for one in secrets],
                "fingerprints": [one.fingerprint for one in secrets],
                "ciphertexts": [one.ciphertext for one in secrets],
            },
        ),
    )


def _pairs(lines: str | None) -> dict[str, str]:
    """Read lines of two words each."""
    return dict(line.split(" ", 1) for line in lines.split("\n")) if lines else {}
