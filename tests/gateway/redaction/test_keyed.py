"""Values that their key names, wherever text holds keys."""

import json

import pytest

from gateway.redaction.keyed import keyed
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.redaction.span import Kind, Policy


def found(text: str, policy: Policy | None = None) -> list[tuple[Kind, str]]:
    policy, whole = policy or Policy(), [(0, len(text))]
    return [(one.kind, text[one.start : one.end]) for one in keyed(text, policy, whole)]


def nested(value: object, times: int) -> str:
    text = json.dumps(value)
    for _ in range(times):
        text = json.dumps({"body": text})
    return text


@pytest.mark.parametrize("times", [0, 1, 2])
def test_json_in_any_depth_of_escaping(times: int) -> None:
    """Without parsing: the escapes stand around the value."""
    text = nested({"a": 1, "home_address": "Birch Row 3", "b": "c"}, times)

    assert [(Kind.ADDRESS, "Birch Row 3")] == found(text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("password=hunter2", Kind.SECRET, "hunter2"),
        ("password: hunter22 ok", Kind.SECRET, "hunter22"),
        ("DB_PASSWORD='hunter 2'", Kind.SECRET, "hunter 2"),
        ("DB_PASS=hunter2x", Kind.SECRET, "hunter2x"),
        ("PGPASSWORD=hunter2x psql", Kind.SECRET, "hunter2x"),
        ("/x;jsessionid=AB12CD", Kind.SECRET, "AB12CD"),
        (f"DB_PASSWORD:{' ' * 20}hunter2x", Kind.SECRET, "hunter2x"),
        ("пароль: hunter2x", Kind.SECRET, "hunter2x"),
        ("contraseña=hunter2x", Kind.SECRET, "hunter2x"),
        ('{"Straße":"Birch Row 3"}', Kind.ADDRESS, "Birch Row 3"),
        ("token=" + "A1b2" * 2_000 + " x", Kind.SECRET, "A1b2" * 2_000),
        ('api_key => "a b"', Kind.SECRET, "a b"),
        ("https://x/?token=abcd&y=1", Kind.SECRET, "abcd"),
        ('{"password":"cut off', Kind.SECRET, "cut off"),
        ('{"phone":"555 0199"}', Kind.PHONE, "555 0199"),
        ("dob=1990-01-02", Kind.BIRTH, "1990-01-02"),
        ('{"firstName": "Kim"}', Kind.NAME, "Kim"),
        ('"address":"Row 3\nTown"', Kind.ADDRESS, "Row 3\nTown"),
        ("home_address='Row 3\nTown' n=1", Kind.ADDRESS, "Row 3\nTown"),
        ("phone=2015550123 n=1", Kind.PHONE, "2015550123"),
        ("cell: (201)555-0123.", Kind.PHONE, "(201)555-0123"),
        ("DB_PASSWORD: correcthorse", Kind.SECRET, "correcthorse"),
        ("INFO DB_PASSWORD: correcthorse n=1", Kind.SECRET, "correcthorse"),
        ("a: 1\n  password: correcthorse\nb: 2", Kind.SECRET, "correcthorse"),
        ("- password: correcthorse # old", Kind.SECRET, "correcthorse"),
        ("spring.datasource.password: hunter", Kind.SECRET, "hunter"),
        ("x dbPassword: correcthorse", Kind.SECRET, "correcthorse"),
        ("X-Api-Key: correcthorse\r\nHost: x", Kind.SECRET, "correcthorse"),
        ("/x?a=1&password=q&b=2", Kind.SECRET, "q"),
        ("password=ab&cd;ef", Kind.SECRET, "ab&cd;ef"),
        ("Password=ab&c;d(e);User Id=sa", Kind.SECRET, "ab&c;d(e)"),
        ("--password=q", Kind.SECRET, "q"),
        ("password: ab12&cd;ef", Kind.SECRET, "ab12&cd;ef"),
        ("cvv=123", Kind.SECRET, "123"),
        ("cvv: 123", Kind.SECRET, "123"),
        ("password: 'it''s 22'", Kind.SECRET, "it''s 22"),
        ('password := "hunter 22"', Kind.SECRET, "hunter 22"),
        ("密码\uff1acorrecthorse\n", Kind.SECRET, "correcthorse"),
        ("password=correcthorse", Kind.SECRET, "correcthorse"),
        ("/x?sid=ab12cd34ef56&n=1", Kind.SECRET, "ab12cd34ef56"),
        ("session=eyJ1IjoxfQ.Zm9v.YmFy1 ok", Kind.SECRET, "eyJ1IjoxfQ.Zm9v.YmFy1"),
        ('{"csrf":"9f8e7d6c5b4a"}', Kind.SECRET, "9f8e7d6c5b4a"),
        ("connect.sid=s%3Aab12cd34ef", Kind.SECRET, "s%3Aab12cd34ef"),
        ("csrfmiddlewaretoken=abcdefgh", Kind.SECRET, "abcdefgh"),
        ("user:\n  first_name: Zoe Ann\n", Kind.NAME, "Zoe Ann"),
        ("- full_name: Zoe Quinn # x", Kind.NAME, "Zoe Quinn"),
        ("home_address: Birch Row 3\nn: 1", Kind.ADDRESS, "Birch Row 3"),
    ],
)
def test_a_value_is_found(text: str, kind: Kind, value: str) -> None:
    assert [(kind, value)] == found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("- name: DB_PASSWORD\n  value: correcthorse\n", "correcthorse"),
        ('- name: "DB_PASS"\n  value: "a b"\n', "a b"),
        ('INFO {"name": "DB_PASS", "value": "a b"}', "a b"),
        ('INFO "{\\"key\\":\\"DB_PASS\\",\\"value\\":\\"a b\\"}"', "a b"),
    ],
)
def test_a_name_beside_a_value_is_its_key(text: str, value: str) -> None:
    """In YAML, in JSON behind a log's prefix, escaped or not."""
    assert [(Kind.SECRET, value)] == found(text)


def test_each_item_of_a_list_is_a_value() -> None:
    text = '{"phones": ["555 0199", "555 0198"], "n": ["1"]}'

    assert [(Kind.PHONE, "555 0199"), (Kind.PHONE, "555 0198")] == found(text)


@pytest.mark.parametrize(
    "text",
    [
        "token: expired",
        "password=null",
        "password=${DB_PASSWORD}",
        '"secret": "****"',
        "secret=⟨secret⟩",
        "address=10.0.0.1:8080",
        "phone: 020 7946 0018",
        "phone=2015550 123",
        '{"address":"checkout.shop.svc:80"}',
        "addr: /run/x.sock",
        "phone: unknown",
        '"email": ""',
        "name=checkout",
        "max_tokens=4096",
        "pass: 12 fail: 0",
        "name: LOG_LEVEL\n  value: debug",
        "name: DB_PASSWORD\n  valueFrom: vault",
        "pass=12",
        "password=no",
        'password = os.environ["DB_PASSWORD"]',
        "password = get_secret('db')",
        "const token = await getToken();",
        "token := ctx.Value(key)",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbC1dE",
        "password=$(cat /run/x)",
        "PWD=/srv/app",
        '{"cell":"cell-3","mobile":"ios","mail":"smtp-out","email":"enabled"}',
        '{"displayName": "Error rate"}',
        "DB_PASSWORD: missing",
        "api_key: invalid",
        "DB_PASSWORD: must be given",
        "login failed, password: incorrect try again",
        "token: refreshing",
        "secret: default",
        "session=opened",
        "session=42",
        "sid=ORCL",
        "sid=S-1-5-21-3623811015-3361044348-30300820-1013",
        "session=0x14ed93111f20027",
        "sessions: 12 active",
        "session: opened for user root",
        "INFO first_name: is required",
        "cookie: consent",
        "requester_name: str",
        "  requester_name: str | None",
        "slack_bot_token: SecretStr",
        "tls_secret: wildcard-cert",
        "address: 10.0.0.1",
        "Addresses: 10.0.0.1, 10.0.0.2",
        "first_name: {{ .Values.name }}",
        "full_name: the name that a person gives when they sign up",
    ],
)
def test_what_is_no_value_is_left(text: str) -> None:
    """A flag, a template, a mask, a host, prose; a number that other rules find."""
    assert [] == found(text)


def test_policy_adds_keys() -> None:
    policy = Policy(redact_ip=True, redact_user_id=True)
    text = "client_ip=192.0.2.7 user_id=8812"

    assert [] == found(text)
    assert [(Kind.IP, "192.0.2.7"), (Kind.USER_ID, "8812")] == found(text, policy)


@pytest.mark.parametrize(
    "line",
    [
        "token=expired user=7",
        "refresh_token=revoked",
        "password=incorrect",
        'kubelet: volume "db-credentials" : secret "db-credentials" not found',
        'volume "app-token" : failed to sync secret cache',
        "address: lookup failed for payments",
        "  address: dial tcp: i/o timeout",
        "first_name: is required",
        "street: may not be blank",
    ],
)
def test_what_is_said_of_a_field_is_not_its_value(line: str) -> None:
    """An outcome, a validator's words, an error."""
    assert line == redact_text(line, Placeholders(key=b"k"))


@pytest.mark.parametrize("password", ["secret", "default", "changed"])
def test_a_weak_password_is_one(password: str) -> None:
    """Though it is a word that says how something is."""
    given = f"password={password}"

    assert "password=⟨secret⟩" == redact_text(given, Placeholders(key=b"k"))


def test_a_line_ends_where_another_field_begins() -> None:
    """Its evidence stays."""
    instant, line = "2031-04-05T06:07:08Z", "street: Main St 12 ts: "
    hidden = redact_text(f"{line}{instant}", Placeholders(key=b"k"))

    assert hidden.endswith(f" ts: {instant}")
    assert "Main St" not in hidden
    assert "first_name: ⟨name:1⟩ status: failed" == redact_text(
        "first_name: Kim status: failed", Placeholders(key=b"k")
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('Parameters: {"password"=>"Tr0ub4dor&3"}', "Tr0ub4dor&3"),
        ('{"password" => "Tr0ub4dor&3", "a" => nil}', "Tr0ub4dor&3"),
        ('["password"=>"Tr0ub4dor&3"]', "Tr0ub4dor&3"),
        ('{"phone"=>"021212862"}', "021212862"),
        ('{"id"=>7, "user"=>{"full_name"=>"Kim Novak"}}', "Kim Novak"),
    ],
)
def test_the_first_key_behind_a_bracket_tells_in_other_languages_too(
    text: str, value: str
) -> None:
    """Ruby's and PHP's arrow."""
    assert value not in redact_text(text, Placeholders(key=b"k"))


def test_a_name_ends_before_a_comma_that_parts_fields() -> None:
    """What stands behind it is another's, and no part of the name."""
    placeholders = Placeholders(key=b"k")
    redact_text("first_name:Kim,token:abcdEF12345678", placeholders)

    assert ["Kim"] == [value for *_, value in placeholders.fresh]
    assert 1 == placeholders.secrets_removed


@pytest.mark.parametrize(
    "text",
    [
        '[ "$DB_PASSWORD" = "changeme" ]',
        '{"secret"="my-tls", "namespace"="x"}',
        '{"metric", "token"=~"abc|def"}',
        'kube_secret_info{secret=~"my-tls.*"} > 0',
    ],
)
def test_a_test_in_a_shell_and_a_metric_s_labels_stay_whole(text: str) -> None:
    assert text == redact_text(text, Placeholders(key=b"k"))
