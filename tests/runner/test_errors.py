from runner.errors import PlaybookError


def test_a_playbook_error_says_where_what_and_how_to_mend_it() -> None:
    """The message is `path:line: what; mend`."""
    assert str(PlaybookError("p", 2, what="w", mend="m")) == "p:2: w; m"
