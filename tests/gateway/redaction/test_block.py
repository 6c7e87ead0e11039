"""Secrets under a line of YAML or within a tag of XML, that their key tells."""

import pytest

from gateway.redaction.block import blocks, elements
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.redaction.span import Policy


def found(text: str) -> list[str]:
    return [
        text[one.start : one.end] for one in [*blocks(text), *elements(text, Policy())]
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("password: |\n  hunter a\n\n  more\nnext: 1", ["hunter a", "more"]),
        ("- db_password: >-\r\n    hunter a\r\n  n: 1", ["hunter a"]),
        ("password:\n  hunter2\n", ["hunter2"]),
        ("secret:\n  value: 'a b' # old\nother: 1", ["a b"]),
        ("secret:\n  value: |\n    a b\n    c: d\n  n: 1", ["a b", "c: d"]),
        ("tokens:\n  - ab12\n  - cd34\nn: 1", ["ab12", "cd34"]),
        ("tokens:\n- ab12\n- cd34\nn: 1", ["ab12", "cd34"]),
        ("x:\n  api_key: # of theirs\n    value: hunter2", ["hunter2"]),
        ("kind: Secret\ndata:\n  user: YQ==\n  foo: Yg==\n", ["YQ==", "Yg=="]),
        ("data:\n  foo: Yg==\nkind: Secret\n", ["Yg=="]),
        (
            "kind: Secret\nstringData:\n  a.pem: |\n    b: c\n  d: e\ntype: x",
            ["b: c", "e"],
        ),
        ("<password>q</password>", ["q"]),
        ('<x:Password a="b"> q&amp;1 </x:Password>', ["q&amp;1"]),
        ("<apiKey><![CDATA[a<b]]></apiKey>", ["a<b"]),
        ('<entry key="password">hunter2</entry>', ["hunter2"]),
        ('<a name="db.password" value="hunter2"/><b></b>', ["hunter2"]),
        (
            "<property><name>x.password</name>\n<value>hunter2</value></property>",
            ["hunter2"],
        ),
        ("<key>password</key><string>hunter2</string>", ["hunter2"]),
        ('log="password:\n  hunter2"', ['hunter2"']),
        ('log="kind: Secret\ndata:\n  foo: Yg=="', ['Yg=="']),
        ("<first_name>Kim</first_name><phone>5550199</phone>", ["Kim", "5550199"]),
    ],
)
def test_what_a_key_above_or_around_it_tells_is_found(
    text: str, values: list[str]
) -> None:
    """Whole, and gone once it is redacted; what stands around it stays."""
    assert values == [one.strip() for one in found(text)]
    placeholders = Placeholders(key=b"k")
    clean = redact_text(text, placeholders)
    assert not any(one in clean for one in values if len(one) > 1)
    assert clean == redact_text(clean, placeholders)


@pytest.mark.parametrize(
    "text",
    [
        "password:\nnext: 1",
        "password:\n  String should have at least 8 characters",
        "secret:\n  secretName: tls\n  defaultMode: 420",
        "secret:\n  - name: checkout",
        "password:\n  ${DB_PASSWORD}\n",
        "kind: ConfigMap\ndata:\n  level: debug\n",
        "replicas:\n  3",
        "<password></password>",
        '<entry key="level">debug</entry>',
        "<name>level</name><value>debug</value>",
        "<password>****</password>",
        "<name>checkout</name>",
        "<token>${TOKEN}</token>",
    ],
)
def test_what_is_no_secret_is_left(text: str) -> None:
    """A neighbour, prose, a name, a template, a mask."""
    assert [] == found(text)
