"""What is personal here beyond what always is, and how long its values are kept."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from policy.yaml_text import parse_yaml


@dataclass(frozen=True, slots=True)
class RedactionRules:
    """
    ``phone_regions`` are ISO 3166 codes of regions whose bare numbers count as phones.

    ``keep_days`` after its task has closed a value is deleted from the vault.
    """

    ip_addresses: bool
    user_ids: bool
    phone_regions: tuple[str, ...]
    keep_days: int


def parse_redaction(text: str, *, path: str) -> RedactionRules:
    """
    Compile ``redaction.yaml``.

    Raises:
        PolicyError: a malformed or unknown word.
    """
    found = parse_yaml(text, _Document, path=path)
    return RedactionRules(
        ip_addresses=found.ip_addresses,
        user_ids=found.user_ids,
        phone_regions=found.phone_regions,
        keep_days=found.keep_days,
    )


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ip_addresses: bool = False
    user_ids: bool = False
    phone_regions: tuple[str, ...] = Field(default=(), max_length=3)
    keep_days: int = Field(default=30, ge=1, le=365)
