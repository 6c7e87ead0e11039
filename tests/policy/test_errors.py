from policy.errors import PolicyError


def test_an_error_says_where_what_and_how_to_mend_it() -> None:
    """The message is `path:line: what; mend`."""
    error = PolicyError("a.yaml", 3, what="level L9", mend="write L1")

    assert str(error) == "a.yaml:3: level L9; write L1"
