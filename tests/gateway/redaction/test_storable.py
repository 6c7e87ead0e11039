"""What no database takes."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.storable import storable


@given(st.text())
def test_what_leaves_can_be_stored(text: str) -> None:
    """No NUL and no half surrogate is left, and nothing else changes."""
    clean = storable(text + "\0\ud800")

    assert clean == clean.encode().decode()
    assert "\0" not in clean
    assert len(text) + 2 == len(clean)
