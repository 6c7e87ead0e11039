"""Names that nothing encloses, and what stands behind the same keys and is none."""

import pytest

from gateway.redaction.redact import Placeholders, redact_text
from gateway.redaction.unquoted_words import name_behind

_HIDDEN = [
    ("level=info first_name={} msg=hello", "Kim"),
    ("GET /find?first_name={}&page=2 HTTP/1.1", "Kim"),
    ("GET /find?full_name={} HTTP/1.1", "Kim+Novak"),
    ("GET /find?full_name={} HTTP/1.1", "Kim%20Novak"),
    ("User(id=7, full_name={}, age=30)", "Kim Novak"),
    ("User(id=7, full_name={}, age=30)", "Ludwig van Beethoven"),
    ("(customer_name={}; status=open)", "Maria de la Cruz"),
    ("?full_name={}&status=open", "Zoë+Novák"),
    ("customer_name={} status=open", "李雷"),
    ("last_name={} x=1", "May"),
    ("{{last_name={}, x=1}}", "van der Berg"),
    ("First name: {}", "Kim"),
    ("Full name: {}\nOrder: 7", "Kim Novak"),
    ("please write, last name: {}, order 7", "Novak"),
    ("**Customer name:** {}", "Kim Novak"),
    ("Account holder's name: {}", "Jean-Luc O'Neill"),
]
_LEFT = [
    *(
        "first_name=required",
        "last_name=null",
        "first_name=firstName",
        "name=discourse",
    ),
    *(
        "First name: is required",
        "Last name is missing",
        "full_name=",
        "Pod name: web-1",
    ),
    *("display_name=P99 latency", "customer_name=true", "first_name= last_name= x=1"),
    *("full_name=checkout-service HTTP/1.1", "holder_name=web-7f9c6d5b8-x2x4z up"),
    *("reporter_name=node-exporter", 'last_name = request.getParameter("x")'),
    *("update users set first_name=?, street=? where id=?", "last_name = lower($1)"),
    *("first_name=request.POST.get('first_name')", "first_name=Column(String(50))"),
    *("full_name=io.grpc.internal.Server", "full_name=kubernetes/ingress-nginx"),
    *("full_name=node_cpu_seconds_total", "first_name=HTTP/1.1", "first_name=Foo.Bar"),
    *("UPDATE shops SET address = NULL WHERE id = 17", "address=10.0.0.1:8080 up"),
    *(
        "home_address=NULL, shipping_address=NULL, order 17",
        "address=node 3 unreachable",
    ),
    *("First name: This field is required.", "First name: Not provided"),
    *(
        "Customer name: Not Found",
        "first_name=Yes last_name=No",
        "first_name=Invalid x",
    ),
    *("First name: Can't be blank, Last name: Too short"),
    *(
        "x customer_name=Acme Deadlock detected on table orders",
        "{ lastName: Number, }",
    ),
    *(
        "customer_name=Acme CrashLoopBackOff restarts=3",
        "full_name=Kim Novak Not Found",
    ),
    *("patient_name=Kim Novak Exception in thread main", "lastName=Default x=1"),
    *("Guest name: Windows Server 2019", "author_name=GitHub Actions bot"),
    *("street = $2 WHERE id = $3", "addr=master mymaster 10.0.0.7 6379"),
]


@pytest.mark.parametrize("around", ["{}", "2026-05-01T10:00:00Z {}", "a\n{}\nb"])
@pytest.mark.parametrize(("form", "value"), _HIDDEN)
def test_it_is_hidden_and_the_rest_stays(form: str, value: str, around: str) -> None:
    text = around.format(form.format(value))
    placeholders = Placeholders(key=b"k")
    once = str(redact_text(text, placeholders))

    assert value not in once
    [(placeholder, *_)] = placeholders.fresh
    assert text == once.replace(placeholder, value)
    assert once == str(redact_text(once, placeholders))


@pytest.mark.parametrize("text", _LEFT)
def test_what_is_no_name_stays(text: str) -> None:
    assert text == str(redact_text(text, Placeholders(key=b"k")))


@pytest.mark.parametrize(
    "secret", ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAQYLPMN5HHHFPZAM2"]
)
def test_a_secret_there_is_gone_for_good(secret: str) -> None:
    """Behind a name's key as anywhere: nothing of it is kept."""
    placeholders = Placeholders(key=b"k")
    text = redact_text(f"first_name={secret} First name: {secret}", placeholders)

    assert secret not in text
    assert not placeholders.fresh
    assert 2 == placeholders.secrets_removed


def test_a_name_ends_where_another_field_begins() -> None:
    text = "first_name=Kim Status=Open"
    [span] = name_behind(text, len("first_name="), "first_name")

    assert "Kim" == text[span.start : span.end]
