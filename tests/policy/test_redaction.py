"""redaction.yaml: what is asked for, and what is no answer."""

import pytest

from policy.errors import PolicyError
from policy.redaction import RedactionRules, parse_redaction
from tests.policy.shipped import shipped_texts


def test_the_shipped_rules_keep_evidence_whole() -> None:
    """Addresses of hosts and the platform's ids stay; values live for thirty days."""
    rules = parse_redaction(shipped_texts()["redaction.yaml"], path="redaction.yaml")

    assert RedactionRules(False, False, (), 30) == rules  # noqa: FBT003 - its fields


def test_each_word_is_taken() -> None:
    text = "ip_addresses: true\nuser_ids: true\nphone_regions: [DE, AT]\nkeep_days: 7\n"

    assert RedactionRules(True, True, ("DE", "AT"), 7) == parse_redaction(  # noqa: FBT003
        text, path="redaction.yaml"
    )


@pytest.mark.parametrize(
    "text",
    [
        "ip_adresses: true\n",
        "keep_days: 0\n",
        "keep_days: 366\n",
        "phone_regions: [DE, AT, CH, FR]\n",
        "user_ids: perhaps\n",
    ],
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    """With file, line and mend."""
    with pytest.raises(PolicyError, match=r"redaction\.yaml"):
        parse_redaction(text, path="redaction.yaml")
