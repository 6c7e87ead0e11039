"""Where a row belongs: one tenant, one environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """
    One tenant's one environment: what a transaction may see.

    ``tenant_id`` and ``environment`` are slugs (``genme``, ``prod``).
    """

    tenant_id: str
    environment: str

    @property
    def environments(self) -> tuple[str, ...]:
        return (self.environment,)


@dataclass(frozen=True, slots=True)
class TenantScope:
    """All environments of one tenant: what the sealer sees, and nobody else."""

    tenant_id: str
    environments: tuple[str, ...]
