"""pgvector in a schema of its own, where the server brings it."""

import psycopg

SCHEMA = "extensions"


def make_vector(admin_url: str) -> bool:
    """Create the extension in this database as an administrator; False if it lacks."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        known = admin.execute(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
        ).fetchone()
        if known is None:
            return False
        admin.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        admin.execute(f"CREATE EXTENSION IF NOT EXISTS vector SCHEMA {SCHEMA}")
        admin.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC")
    return True
