import pytest

from tests.lab.world import World


@pytest.mark.parametrize("host", ["evil.example", "169.254.169.254"])
async def test_foreign_hosts_are_refused(world: World, host: str) -> None:
    """A rebound name does not reach the control API."""
    answer = await world.http.get("/lab/workspace", headers={"Host": host})

    assert 400 == answer.status_code
