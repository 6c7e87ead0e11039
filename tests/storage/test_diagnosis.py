"""What the doctor asks of a server."""

import pytest

from storage import diagnosis
from storage.grants import ROLES
from storage.steps import Step
from tests.conftest import Databases


@pytest.mark.parametrize("role", ROLES)
async def test_a_process_role_is_told_as_it_is(database: Databases, role: str) -> None:
    """The login's name, that it bypasses nothing, and whose rights it holds."""
    async with database(role).dispatch(Step.look) as tx:
        own = await diagnosis.read_server(tx, f"autopilot_{role}")
        none = await diagnosis.read_server(tx, "autopilot_nobody")

    assert (f"autopilot_{role}", False) == (own.user, own.bypasses_rls)
    assert (True, False) == (own.is_member, none.is_member)
