"""What the doctor asks of a server: who am I, what may I bypass, what time is it."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.rows import into

_SERVER = """
    SELECT current_user AS "user", current_setting('server_version') AS version,
      clock_timestamp() AS now, (r.rolsuper OR r.rolbypassrls) AS bypasses_rls,
      EXISTS (SELECT 1 FROM pg_roles g WHERE g.rolname = :role
              AND pg_has_role(current_user, g.oid, 'USAGE')) AS is_member
    FROM pg_roles r WHERE r.rolname = current_user
"""


@dataclass(frozen=True, slots=True)
class Server:
    """``is_member``: the login holds the rights of the process's role."""

    user: str
    version: str
    now: datetime
    bypasses_rls: bool
    is_member: bool


async def read_server(tx: Tx, role: str) -> Server:
    row = await tx.row(_SERVER, {"role": role})
    if row is None:
        raise LookupError("the server does not know its own user")
    return into(Server, row)
