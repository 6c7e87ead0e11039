"""pgvector where the server brings it."""

import psycopg

from lab.embedded.vector import SCHEMA, make_vector
from tests.database import ADMIN, Urls


def test_the_embedded_server_has_it(urls: Urls) -> None:
    """In a schema of its own, and a second time changes nothing."""
    assert make_vector(urls[ADMIN])
    with psycopg.connect(urls["gateway"]) as gateway:
        row = gateway.execute(f"SELECT '[1,2]'::{SCHEMA}.vector::text").fetchone()

    assert row == ("[1,2]",)
