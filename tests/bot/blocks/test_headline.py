"""A title reads as words, whoever it is about; what is no text is told as one."""

from bot.blocks.headline import headline


def test_a_headline_names_nobody() -> None:
    assert "mail to [an email address] fails" == headline("mail to ⟨email:1⟩ fails")
    assert "7" == headline(7)
