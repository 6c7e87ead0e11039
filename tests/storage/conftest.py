"""Databases that several tests of one module share, because they only read them."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from policy.scope import Scope
from tests.database import ADMIN, Cluster, Urls
from tests.storage import row_maker
from tests.storage.row_maker import Table

OURS = Scope("acme", "prod")
OTHER_ENVIRONMENT = Scope("acme", "staging")
OTHER_TENANT = Scope("globex", "prod")


@dataclass(frozen=True)
class Filled:
    """A database with a row in every table for each of three scopes."""

    urls: Urls
    tables: dict[str, Table]
    connections: dict[str, psycopg.Connection]

    def connect(self, role: str) -> psycopg.Connection:
        """Give the role's connection, with nothing left of any test before."""
        for connection in self.connections.values():
            connection.rollback()
        return self.connections[role]


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> Iterator[Filled]:
    with cluster.cloned() as urls:
        with psycopg.connect(urls[ADMIN]) as admin:
            tables = dict(row_maker.read_tables(admin))
            for scope in (OURS, OTHER_ENVIRONMENT, OTHER_TENANT):
                row_maker.fill(admin, tables, scope)
        connections = {role: psycopg.connect(url) for role, url in urls.items()}
        yield Filled(urls, tables, connections)
        for one in connections.values():
            one.close()
