"""Policy's texts: as they lie in the folder, or an error that names the file."""

from pathlib import Path

import pytest

from cli.policy_files import load_policy_folder
from gateway.tools.catalog import all_tools
from policy.errors import PolicyError
from policy.evaluate import TEXTS

TOOLS = all_tools().specs


@pytest.fixture
def folder(release_texts: Path) -> Path:
    return release_texts / "policy"


def test_the_texts_are_what_was_hashed(folder: Path) -> None:
    """They are stored beside the hash, and must load to the same bundle again."""
    policy, texts = load_policy_folder(folder, TOOLS)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())

    assert set(TEXTS) == set(texts)
    assert policy.bundle_hash == load_policy_folder(folder, TOOLS)[0].bundle_hash


@pytest.mark.parametrize("name", TEXTS)
def test_one_more_line_is_another_bundle(folder: Path, name: str) -> None:
    """A comment, too: the hash stands for the files."""
    before = load_policy_folder(folder, TOOLS)[0].bundle_hash
    comment = "// x\n" if name.endswith("cedar") else "# x\n"
    (folder / name).write_text((folder / name).read_text() + comment)

    assert before != load_policy_folder(folder, TOOLS)[0].bundle_hash


def test_words_outside_ascii_are_read(folder: Path) -> None:
    """Whatever the machine's locale is: people have names."""
    people = folder / "people.yaml"
    text = people.read_text().replace("name: Guest", "name: Zoë Ångström")
    people.write_bytes(text.encode())
    policy, _ = load_policy_folder(folder, TOOLS)

    assert "Zoë Ångström" in {one.name for one in policy.people.people}


@pytest.mark.parametrize("name", TEXTS)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(PolicyError, match=f"{name}:0: no such file; .*POLICY_FOLDER"):
        load_policy_folder(folder, TOOLS)


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_no_text_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\xff\xfe\x00")

    with pytest.raises(
        PolicyError, match=f"{name}:1: no UTF-8.*save the file as UTF-8"
    ):
        load_policy_folder(folder, TOOLS)
