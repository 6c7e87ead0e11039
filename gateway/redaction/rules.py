"""What the policy bundle asks the engine to look for."""

from gateway.redaction.span import Policy
from policy.redaction import RedactionRules


def policy_of(rules: RedactionRules) -> Policy:
    return Policy(
        redact_ip=rules.ip_addresses,
        redact_user_id=rules.user_ids,
        phone_regions=rules.phone_regions,
    )
