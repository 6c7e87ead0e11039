"""What storage refuses, as facts."""


class StorageError(Exception):
    """Base of everything that this room raises."""


class LeaseLost(StorageError):
    """The fence moved on: another process holds the task now. Stop at once."""


class NotFound(StorageError):
    """No such row in this scope."""


class SlugTaken(StorageError):
    """A webhook's address belongs to another scope."""


class MidRotation(StorageError):
    """An endpoint has two tokens or secrets already: one must go before another."""


class StaleState(StorageError):
    """The row is no longer in the state that the caller read."""


class DatabaseUnreachable(StorageError):
    """No connection could be had."""


class PoolExhausted(DatabaseUnreachable):
    """All connections of this process were in use for too long."""


class BadDatabaseUrl(StorageError):
    """The setting names no Postgres."""


class NotMigrated(DatabaseUnreachable):
    """A table or function of this release is not there: it can't be served."""
