"""Read form bodies with the standard library: python-multipart is no dependency."""

from email import message_from_bytes, policy
from urllib.parse import parse_qsl

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def parse_form(body: bytes, content_type: str) -> dict[str, str]:
    """Return the text fields; files and other content types give none."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == URLENCODED:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if kind == MULTIPART:
        return parse_multipart(body, content_type)
    return {}


def parse_multipart(body: bytes, content_type: str) -> dict[str, str]:
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n"
    document = message_from_bytes(head.encode("latin-1") + body, policy=policy.HTTP)
    fields = {}
    for part in document.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if part.get_filename() is not None or not isinstance(payload, bytes):
            continue
        fields[str(name)] = payload.decode("utf-8", "replace")
    return fields
