"""Files that a setting names: read, or refused with what to do."""

from pathlib import Path

import pytest

from gateway.optional_file import read_named
from policy.errors import PolicyError


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text("a: ü")

    assert "a: ü" == read_named(path, mend="write it")


@pytest.mark.parametrize(
    ("content", "says"), [(None, "write it"), (b"\xff", "save the file as UTF-8")]
)
def test_what_can_not_be_read_is_refused_by_name(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    """With its path and the mend."""
    path = tmp_path / "some.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PolicyError, match=r"some\.yaml") as caught:
        read_named(path, mend="write it")

    assert says in str(caught.value)
