"""Keep what apps upload: an address asked for, bytes sent to it, then completed."""

import secrets
from dataclasses import dataclass

from lab.slack.refusal import SlackRefusal


@dataclass
class StoredFile:
    """`is_complete` once the app has said that the upload is over."""

    file_id: str
    name: str
    length: int
    alt_text: str
    content: bytes = b""
    title: str = ""
    is_complete: bool = False


class Files:
    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._addresses: dict[str, str] = {}

    def ask(self, name: str, length: int, alt_text: str) -> tuple[str, StoredFile]:
        """Give a secret for the upload's address, and the file to be."""
        file = StoredFile(f"F{secrets.token_hex(5).upper()}", name, length, alt_text)
        secret = secrets.token_urlsafe(24)
        self._files[file.file_id] = file
        self._addresses[secret] = file.file_id
        return secret, file

    def receive(self, secret: str, content: bytes) -> None:
        """Take the bytes; an address serves once.

        Raises: SlackRefusal `file_not_found` or `upload_length_mismatch`.
        """
        file = self._files.get(self._addresses.pop(secret, ""))
        if file is None:
            raise SlackRefusal("file_not_found")
        if len(content) != file.length:
            raise SlackRefusal("upload_length_mismatch")
        file.content = content

    def complete(self, file_id: object, title: str) -> StoredFile:
        """Raise SlackRefusal `file_not_found` for what was never sent."""
        file = self._files.get(str(file_id))
        if file is None or not file.content:
            raise SlackRefusal("file_not_found")
        file.title, file.is_complete = title, True
        return file

    def find(self, file_id: object) -> StoredFile | None:
        """Give a file that is complete."""
        file = self._files.get(str(file_id))
        return file if file is not None and file.is_complete else None
