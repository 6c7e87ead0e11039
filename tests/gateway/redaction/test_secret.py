"""Secrets by their form; a form that is only alike is left."""

import pytest

from gateway.redaction.hint import Hint, hints
from gateway.redaction.secret import KEYWORD_STEMS, entropy, is_mark_word, secrets

HEX = "0123456789abcdef"
MIXED = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0"


def found(text: str) -> list[str]:
    """Search as the engine does: for what the words of the text hint at."""
    hinted = hints(text.lower())
    hits = secrets(
        text,
        text.lower(),
        has_mark=hinted & Hint.MARK != 0,
        has_keyword=hinted & Hint.KEYWORD != 0,
    )
    return [text[start:end] for start, end in hits]


# Put together here, so that no scanner takes this file for a leak.
SECRETS = [
    "xox" + "b-123456789012-" + MIXED,
    "gh" + "p_" + MIXED + "aB3dE6",
    "github" + "_pat_" + MIXED,
    "gl" + "pat-" + MIXED,
    "AK" + "IAQ2W3E4R5T6Y7U2A3",
    "AI" + "za" + MIXED + "aB3dE",
    "sk" + "_live_" + MIXED,
    "wh" + "sec_" + MIXED,
    "SG" + "." + MIXED[:22] + "." + MIXED,
    "sk" + "-proj-" + MIXED,
    "hf" + "_" + MIXED,
    "np" + "m_" + MIXED + "aB3dE6",
    "gl" + "sa_" + MIXED,
    "hv" + "s." + MIXED,
    "da" + "pi" + HEX * 2,
    "ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0." + MIXED,
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("sentence", ["{}", "leaked {} here", 'a="{}"', "x:{}, y"])
def test_a_token_is_found(secret: str, sentence: str) -> None:
    assert any(secret in one for one in found(sentence.format(secret)))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgres://app:hunter2@db:5432/x", "hunter2"),
        ("postgres://app:a@b@c@db:5432/x", "a@b@c"),
        ("https://user:p@ss@host/", "p@ss"),
        ("amqp://u:pa/ss@h/", "pa/ss"),
        ("http://a:80,http://u:hunter2@h", "hunter2"),
        ("mysql --password hunter2 -u x", "hunter2"),
        ("x --db-password 'two words'", "two words"),
        ("cli --token abc123", "abc123"),
        ("cli --secret abc", "abc"),
        ("Authorization: Bearer " + MIXED, MIXED),
        ("authorization: Basic dXNlcjpodW50ZXIyaHVudGVy", "dXNlcjpodW50ZXIyaHVudGVy"),
        ("Authorization: Basic YWRtaW46YWRtaW4=", "YWRtaW46YWRtaW4="),
        ("Authorization: Bearer " + "A1b2" * 2_000, "A1b2" * 2_000),
        (
            "see eyJhbGciOiJIUzI1NiJ9." + "A1b2" * 5_000,
            "eyJhbGciOiJIUzI1NiJ9." + "A1b2" * 5_000,
        ),
        ("https://hunter2xtoken@example.org/x", "hunter2xtoken"),
        (
            "Cookie: session=abcdef123456; theme=dark",
            "session=abcdef123456; theme=dark",
        ),
        ("Set-Cookie: sid=ab; Path=/; HttpOnly", "sid=ab; Path=/; HttpOnly"),
        ('Cookie: sid="a b"; theme=dark', 'sid="a b"; theme=dark'),
        ("curl -H 'Cookie: a=b' x", "a=b"),
        ("Authorization: Bearer abc123", "abc123"),
        ("Proxy-Authorization: Basic YTpi", "YTpi"),
        ("redis://:hunter@cache:6379/0", "hunter"),
        ("ftp://kim:hunter@files.example.org/x", "hunter"),
        ("sshpass -p hunter22 ssh x", "hunter22"),
        ("redis-cli -a hunter22 ping", "hunter22"),
        ("docker login -u bob -p hunter22 registry.example", "hunter22"),
        ("docker login -p hunter22", "hunter22"),
        ("the password is Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("the password is Summer_2024", "Summer_2024"),
        ("password is abc1234", "abc1234"),
        ("curl -u admin:hunter22 https://x", "hunter22"),
        ("curl -u admin:pa$$w0rd https://x", "pa$$w0rd"),
        ("curl --user admin:hunter22 https://x", "hunter22"),
        ("args:\n  - --password\n  - hunter22", "hunter22"),
        ('args:\n- "--api-key"\n- "hunter 22"', "hunter 22"),
        ("['--db-password', 'hunter22']", "hunter22"),
        ("ALTER USER kim WITH PASSWORD 'it''s 22'", "it''s 22"),
        ("create user kim identified by 'hunter22'", "hunter22"),
        ("SET PASSWORD FOR 'kim'@'%' = 'hunter22'", "hunter22"),
        ("set password for kim=PASSWORD('hunter22');", "hunter22"),
        ("requirepass hunter22", "hunter22"),
        ("machine x.org login kim password hunter22", "hunter22"),
        ("run --api-key hunter", "hunter"),
        ("mysql -uroot -pSecret db", "Secret"),
        ("mysqldump --user=x -p'Se cret' db", "'Se cret'"),
        ("AccountKey=" + MIXED + "abcdef==", MIXED + "abcdef=="),
        ("https://x/y?sv=1&sig=" + MIXED + "%2Fab", MIXED + "%2Fab"),
    ],
)
def test_a_standards_form_is_found(text: str, secret: str) -> None:
    """What stands around the secret stays: it is evidence."""
    assert secret in found(text)


def test_a_private_key_is_found_whole() -> None:
    """To its last line; one that was cut off, to where its lines end."""
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    body = "\n".join([MIXED * 2] * 3)

    assert [f"{begin}\n{body}\n{end}"] == found(f"a {begin}\n{body}\n{end} b")
    assert found(f"{begin}\n{body}\nand then prose")[0].strip() == f"{begin}\n{body}"
    logged = f"{begin}\n07:00 x: {MIXED * 2}\n07:00 x: {MIXED * 2}"
    assert [logged] == found(f"07:00 x: {logged}\n07:00 x: then prose")


@pytest.mark.parametrize(
    "text",
    [
        "basic authentication is off",
        "bearer token missing",
        "http://example.org:8080/a@b",
        "postgres://db:5432/x",
        "postgres://u:${PASS}@db/x",
        "http://registry:4873/@scope/x",
        "https://kim@example.org/",
        "https://kim.smith@example.org/",
        "https://x/kim.smith1990@example.org",
        "--password is required",
        "--token-file /x/y",
        "--token $TOKEN",
        "curl -u kim:$PASSWORD x",
        "mysql -p db",
        "mysql -h x -P3306 -p$PASS",
        "ssh -p2222 x",
        "psql -p5432",
        "the --api-key option",
        "sk-short",
        "task_live_long",
        "the cookie: chocolate",
        "the password is wrong",
        "sshpass -p $PASS ssh x",
        "docker login -u bob -p $PASS registry.example",
        "docker run -u 1000:1000 x",
        "docker run --user 1000:1000 x",
        "  --password string   what to log in with",
        "x --token TOKEN",
        "- --password\n- --verbose",
        "login with password failed",
        "Authorization: Bearer token required",
        "Authorization: Bearer missing",
        "Authorization: bearer scheme unsupported",
        "test password was 2031-04-05T06:07:08Z",
        "the password was 1.31.2-rc1.",
        "password is at_least_8",
        "password is letters+digits+8",
        "passphrase is 123e4567-e89b-12d3-a456-426614174000",
        "the password is 0af7651916cd43dd8448eb211c80319c",
    ],
)
def test_what_is_no_secret_is_left(text: str) -> None:
    """Whatever its words hint at."""
    assert [] == list(secrets(text, text.lower()))


@pytest.mark.parametrize(
    ("word", "expected"),
    [("ghp", True), ("sk", True), ("akiaabc", True), ("skip", False), ("the", False)],
)
def test_a_marks_first_letters_are_known(word: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Whole where a sign follows them in the mark, else as a word's beginning."""
    assert expected is is_mark_word(word)


def test_a_keyword_without_its_stem_is_looked_for_all_the_same() -> None:
    """What has no word of its own can't be hinted at."""
    telegram = "12345678:AA" + "b" * 33
    for text in (
        "x://u:pass1@h",
        "a -u kim:pass1",
        telegram,
        f"api.telegram.org/bot{telegram}/sendMessage",
    ):
        assert not any(stem in text for stem in KEYWORD_STEMS)
        assert 1 == len(list(secrets(text, text.lower(), has_keyword=False)))


def test_entropy_is_in_bits_a_sign() -> None:
    assert (0.0, 1.0, 4.0) == (entropy("aaaa"), entropy("abab"), entropy(HEX))


def test_a_letter_that_is_two_in_lower_case_hides_no_secret() -> None:
    """Places in lower case are others then."""
    text = "İİ Cookie: session=0123456789abcdef"

    assert ["session=0123456789abcdef"] == [
        text[start:end] for start, end in secrets(text, text.lower())
    ]


@pytest.mark.parametrize("left", ["", "id-", "ab:", "abc.", "--", "\n", "a-b-c-", "'"])
@pytest.mark.parametrize("size", [0, 3_000])
def test_a_token_is_found_wherever_its_word_begins(left: str, size: int) -> None:
    """Its mark alone is looked for, in short texts and in long ones."""
    for token in ("SK" + "0a" * 16, "sk-" + "a" * 30, "dp.pt." + "a" * 44):
        text = f"{' ' * size}{left}{token} z"
        found = [text[start:end] for start, end in secrets(text, text.lower())]

        assert [token] == found
