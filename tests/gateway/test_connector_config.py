"""connectors.yaml: what is wrong in it is named with its line and its mend."""

import re
from pathlib import Path

import pytest

from gateway.assembly import BUILDERS
from gateway.connector_config import check_secrets, load_connectors, parse_connectors
from policy.errors import PolicyError

DOCS = Path(__file__).parents[2] / "docs" / "connectors.md"
TEXT = """\
connectors:
  metrics:
    kind: prometheus
    url: https://prometheus.test
    deadline_seconds: 4
    auth: {bearer: CONNECTOR_PROMETHEUS}
  flags:
    kind: unleash
    url: https://unleash.test
    environment: production
    auth: {header: Authorization, value: CONNECTOR_UNLEASH}
  safety:
    kind: rest
    url: https://safety.test/api
    key_header: Idempotency-Key
    operations:
      appeals:
        get:
          path: /appeals/{appeal_id}
          fields: {status: state}
        resolve:
          method: POST
          path: /appeals/{appeal_id}/resolution
          body: {outcome: "{resolution}"}
ports:
  metrics: metrics
  flags: flags
  appeals: safety
"""


def test_a_file_is_read() -> None:
    """Names, kinds and what serves what."""
    found = parse_connectors(TEXT, path="connectors.yaml")

    assert {"metrics": "metrics", "flags": "flags", "appeals": "safety"} == found.ports
    assert 4.0 == found.connectors["metrics"].deadline_seconds
    assert ["prometheus", "unleash", "rest"] == [
        one.kind for one in found.connectors.values()
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("kind: prometheus", "kind: promethius", 3, "promethius"),
        ("url: https://prometheus.test", "url: prometheus.test", 4, "url"),
        ("url: https://prometheus.test", "url: https://u:p@p.test", 4, "url"),
        ("url: https://prometheus.test", "url: http://prometheus.test", 3, "use https"),
        ("deadline_seconds: 4", "deadline_seconds: 0", 5, "deadline_seconds"),
        ("deadline_seconds: 4", "most_bytes: 1", 5, "most_bytes"),
        ("deadline_seconds: 4", "dedline_seconds: 4", 5, "dedline_seconds"),
        ("deadline_seconds: 4", "headers: {Cookie: x}", 3, "belongs under `auth`"),
        ("bearer: CONNECTOR_PROMETHEUS", "bearer: VAULT_KEY", 6, "bearer"),
        ("bearer: CONNECTOR_PROMETHEUS", "user: x", 6, "either `bearer`"),
        ("bearer: CONNECTOR_PROMETHEUS", "token: x", 6, "token"),
        ("environment: production", "", 8, "environment"),
        ("{status: state}", "{status: '[['}", 20, "no JMESPath"),
        ("/appeals/{appeal_id}/resolution", "/appeals/{id}", 13, "has no id"),
        ("path: /appeals/{appeal_id}\n", "path: //x/{appeal_id}\n", 19, "no path"),
        ("path: /appeals/{appeal_id}\n", "path: /x?a={appeal_id}\n", 19, "`query`"),
        ("path: /appeals/{appeal_id}\n", "path: /../{appeal_id}\n", 19, "elsewhere"),
        ("deadline_seconds: 4", 'headers: {X-A: "a\\nb"}', 5, "X-A"),
        ("method: POST", "method: GET", 13, "another than GET"),
        ("      appeals:", "      dashboards:", 13, "can't be described"),
        ("        resolve:", "        resolved:", 13, "needs exactly get, resolve"),
        (
            "  metrics: metrics",
            "  metrics: nowhere",
            26,
            "no connector is called nowhere",
        ),
        ("  metrics: metrics", "  metrics: flags", 26, "can't serve it"),
        ("  metrics: metrics", "  records: metrics", 26, "records"),
        ("  metrics: metrics", "  metrics: [", 27, "not YAML"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, line: int, why: str) -> None:
    """File, line, what, mend."""
    assert old in TEXT
    text = TEXT.replace(old, new, 1)

    with pytest.raises(PolicyError) as caught:
        parse_connectors(text, path="connectors.yaml")
    assert why in str(caught.value)
    assert str(caught.value).startswith("connectors.yaml:")
    assert abs(caught.value.line - line) <= 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"No such file.*; write it, or take"):
        load_connectors(tmp_path / "connectors.yaml")


@pytest.mark.parametrize("given", [{}, {"CONNECTOR_UNLEASH": ""}])
def test_a_secret_that_is_not_set_is_named(
    tmp_path: Path, given: dict[str, str]
) -> None:
    """With the line that asks for it; an empty one is none."""
    path = tmp_path / "connectors.yaml"
    path.write_text(TEXT)
    file = load_connectors(path)

    with pytest.raises(PolicyError, match="CONNECTOR_UNLEASH is not set") as caught:
        check_secrets(file, {"CONNECTOR_PROMETHEUS": "p", **given}, path=path)
    assert 11 == caught.value.line


@pytest.mark.parametrize("secret", ["abc\n", "a\r\nX-Admin: 1", "a\0b", "caf\u00e9"])
def test_a_secret_that_no_header_takes_is_named(tmp_path: Path, secret: str) -> None:
    """At the start, and not by each call; its value is not shown."""
    path = tmp_path / "connectors.yaml"
    path.write_text(TEXT)
    file = load_connectors(path)
    given = {"CONNECTOR_PROMETHEUS": "p", "CONNECTOR_UNLEASH": secret}

    with pytest.raises(PolicyError, match="UNLEASH holds a line break") as caught:
        check_secrets(file, given, path=path)
    assert secret not in str(caught.value)


def test_secrets_that_are_set_pass(tmp_path: Path) -> None:
    path = tmp_path / "connectors.yaml"
    path.write_text(TEXT)
    file = load_connectors(path)

    check_secrets(
        file, {"CONNECTOR_PROMETHEUS": "p", "CONNECTOR_UNLEASH": "u"}, path=path
    )


@pytest.mark.parametrize(
    "example",
    re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL),
)
def test_every_example_of_the_docs_is_read(example: str) -> None:
    """As it stands: what is shown must work."""
    found = parse_connectors(example, path="docs/connectors.md")

    assert found.ports


def test_every_kind_is_shown() -> None:
    """But the platform, which needs no file."""
    shown = set(re.findall(r"kind: (\w+)", DOCS.read_text(encoding="utf-8")))

    assert set(BUILDERS) == shown
