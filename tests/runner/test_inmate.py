import importlib

import pytest

from runner.inmate import Entry


@pytest.mark.parametrize("entry", Entry)
def test_every_entry_has_a_main(entry: Entry) -> None:
    """What is named can be run."""
    assert callable(importlib.import_module(entry.value).main)
