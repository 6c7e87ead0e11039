"""Files: asked for, sent once, completed, and then there."""

import pytest

from lab.slack.files import Files
from lab.slack.refusal import SlackRefusal


def test_a_file_is_there_once_it_is_complete() -> None:
    """Not before; its address serves once."""
    files = Files()
    secret, file = files.ask("a.png", 3, "alt")
    files.receive(secret, b"png")
    early = files.find(file.file_id)
    files.complete(file.file_id, "title")
    with pytest.raises(SlackRefusal, match="file_not_found"):
        files.receive(secret, b"png")

    assert early is None
    assert files.find(file.file_id) is file
    assert (b"png", "title", "alt") == (file.content, file.title, file.alt_text)


def test_what_was_not_sent_is_not_complete() -> None:
    """Nor what has another length than was said."""
    files = Files()
    secret, file = files.ask("a.png", 3, "")
    with pytest.raises(SlackRefusal, match="upload_length_mismatch"):
        files.receive(secret, b"four")
    for unknown in (file.file_id, "F0", None):
        with pytest.raises(SlackRefusal, match="file_not_found"):
            files.complete(unknown, "")
