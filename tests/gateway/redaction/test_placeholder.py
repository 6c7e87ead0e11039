# ruff: noqa: RUF001 - brackets that are no placeholder's
"""Placeholders: given out by a task, and not to be forged."""

import pytest

from gateway.redaction.fingerprint import fingerprint
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.span import Kind


def test_numbers_go_on_from_the_highest() -> None:
    """Whatever the vault holds already, and in whatever order."""
    known = {"a": "⟨email:7⟩", "b": "⟨email:2⟩", "c": "⟨phone:1⟩"}
    placeholders = Placeholders(key=b"k", known=known)

    assert "⟨email:8⟩" == placeholders.stand_in("email", "kim@example.org")
    assert "⟨name:1⟩" == placeholders.stand_in("name", "Kim")


def test_one_number_has_many_spellings() -> None:
    """They share their number, and each comes back as it was written."""
    placeholders = Placeholders(key=b"k")
    written = ["+44 20 7946 0018", "+44-20-7946-0018", "020 7946 0018"]
    marks = [placeholders.stand_in("phone", one) for one in [*written, *written]]

    assert ["⟨phone:1⟩", "⟨phone:1-2⟩", "⟨phone:2⟩"] * 2 == marks
    assert dict(zip(marks, written, strict=False)) == {
        mark: value for mark, _, _, value in placeholders.fresh
    }


def test_a_task_goes_on_with_what_its_vault_knows() -> None:
    """Each spelling as it was, and the next one behind it."""
    before = Placeholders(key=b"k")
    for value in ("Ann@example.org", "ann@example.org"):
        before.stand_in("email", value)
    known = {mark: placeholder for placeholder, _, mark, _ in before.fresh}
    after = Placeholders(key=b"k", known=known)

    assert ["⟨email:1-2⟩", "⟨email:1⟩", "⟨email:1-3⟩", "⟨email:2⟩"] == [
        after.stand_in("email", value)
        for value in (
            "ann@example.org",
            "Ann@example.org",
            "ANN@example.org",
            "lee@example.org",
        )
    ]
    assert "⟨email:1-2⟩ ‹email:1-4›" == after.disarm("⟨email:1-2⟩ ⟨email:1-4⟩")


def test_what_was_kept_before_stands_for_all_spellings() -> None:
    known = {fingerprint(b"k", "email", "ann@example.org"): "⟨email:1⟩"}
    placeholders = Placeholders(key=b"k", known=known)

    assert "⟨email:1⟩" == placeholders.stand_in("email", "Ann@example.org")


@pytest.mark.parametrize(
    ("kind", "mark"), [(Kind.SECRET, "⟨secret⟩"), (Kind.CARD, "⟨card⟩")]
)
def test_secrets_and_cards_are_gone_for_good(kind: Kind, mark: str) -> None:
    placeholders = Placeholders(key=b"k")

    assert mark == placeholders.replace(kind, "value")
    assert ([], 1) == (placeholders.fresh, placeholders.secrets_removed)


def test_only_what_was_given_out_stays() -> None:
    """Any other bracket loses its form, whole placeholders and parts of them."""
    placeholders = Placeholders(key=b"k")
    own = placeholders.stand_in("email", "kim@example.org")
    text = f"{own} ⟨email:2⟩ ⟨phone:1⟩ ⟨secret⟩ ⟨email: x⟩"

    assert f"{own} ‹email:2› ‹phone:1› ⟨secret⟩ ‹email: x›" == placeholders.disarm(text)


def test_from_outside_all_of_them_are_forged() -> None:
    """Where nobody can know ours yet, ours is not taken over either."""
    placeholders = Placeholders(key=b"k", is_outside=True)
    own = placeholders.stand_in("email", "kim@example.org")

    assert "‹email:1›" == placeholders.disarm(own)


@pytest.mark.parametrize(("is_own", "expected"), [(True, "⟨"), (False, "‹")])
def test_what_was_decoded_is_ours_in_our_own_texts_alone(
    is_own: bool,  # noqa: FBT001 - a table's column
    expected: str,
) -> None:
    placeholders = Placeholders(key=b"k", is_own=is_own)
    own = placeholders.stand_in("email", "kim@example.org")

    assert expected == placeholders.disarm_decoded(own)[0]
    assert "⟨secret⟩" == placeholders.disarm_decoded("⟨secret⟩")


def test_a_name_is_put_back_once_and_nowhere_within_a_placeholder() -> None:
    """However people are called: longest first, whole words, in one pass."""
    named = {"⟨name:1⟩": "Bob Jones", "⟨name:2⟩": "name", "⟨name:3⟩": "1"}
    placeholders = Placeholders(key=b"k", named=named)
    text = placeholders.put_back("Dear Bob Jones, your name, rename ⟨email:1⟩ 1")

    assert "Dear ⟨name:1⟩, your ⟨name:2⟩, rename ⟨email:1⟩ ⟨name:3⟩" == text


@pytest.mark.parametrize(
    "value", ["Bob-Jo Lee", "(Bob) Lee", "_x_ 7", "12 Elm Row\nHull"]
)
def test_a_value_is_put_back_wherever_it_stands_whole(value: str) -> None:
    """Whatever its first sign is, and among many."""
    many = {f"⟨name:{number}⟩": f"Kim{number} Lee" for number in range(2, 900)}
    placeholders = Placeholders(key=b"k", named={**many, "⟨name:1⟩": value})

    for text in (f"{value}", f"to {value}, then", f"[{value}]", f"/{value}/"):
        assert text.replace(value, "⟨name:1⟩") == placeholders.put_back(text)
    assert f"x{value}x" == placeholders.put_back(f"x{value}x")


def test_in_a_text_that_is_not_ours_a_short_name_is_any_word() -> None:
    """Evidence stays whole."""
    named = {"⟨name:1⟩": "May", "⟨name:2⟩": "May Lee"}
    placeholders = Placeholders(key=b"k", named=named, is_own=False)

    assert "May be ⟨name:2⟩" == placeholders.put_back("May be May Lee")


def test_within_the_block_nobody_is_put_back() -> None:
    placeholders = Placeholders(key=b"k", named={"⟨name:1⟩": "off"})
    with placeholders.nobody_named():
        inside = placeholders.put_back("off")

    assert ("off", "⟨name:1⟩") == (inside, placeholders.put_back("off"))


def test_one_of_a_thousand_spellings_stands_for_all_that_come_after() -> None:
    """So many are told apart; none of the others is kept twice under its name."""
    placeholders = Placeholders(key=b"k")
    spellings = [f"kim@{'A' * n}{'a' * (1100 - n)}.org" for n in range(1100)]
    given = [placeholders.stand_in("email", one) for one in spellings]
    kept = [name for name, *_ in placeholders.fresh]

    assert {given[0]} == set(given[999:])
    assert 999 == len(set(given)) == len(kept) == len(set(kept))
