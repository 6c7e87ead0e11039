from lab.form import parse_form


def test_urlencoded_keeps_blank_values() -> None:
    """An empty field is a field."""
    body = b"a=1&b=&c=%E2%82%AC+x"

    assert {"a": "1", "b": "", "c": "€ x"} == parse_form(
        body, "application/x-www-form-urlencoded; charset=utf-8"
    )


def test_multipart_gives_its_text_fields() -> None:
    """Files are left out."""
    body = (
        b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nhi \xe2\x82\xac\r\n'
        b'--X\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n1\r\n'
        b"--X--\r\n"
    )

    assert {"a": "hi €"} == parse_form(body, "multipart/form-data; boundary=X")


def test_other_types_give_nothing() -> None:
    """What is no form has no fields."""
    assert {} == parse_form(b"a=1", "text/plain")
