"""The rows as lines: entries in order, checkpoints right behind their last entry."""

import pytest

from audit.export import ChainedRecord, Note
from storage import exports
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.storage.sealing import BOTH, Sealing, make_sealing


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Checkpoints behind the second and the third entry of four."""
    made = await make_sealing(database, scopes)
    task = await made.task()
    await made.append(task, times=2)
    await made.seal()
    await made.sign()
    await made.append(task)
    await made.seal()
    await made.sign()
    await made.append(task)
    await made.seal()
    return made


async def shape(
    sealing: Sealing, *, after: int = 0, up_to: int | None = None
) -> list[int | str]:
    """Give sequences of entries, and the sizes of checkpoints as text."""
    found: list[int | str] = []
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        async for line, seal in exports.read_lines(tx, after=after, up_to=up_to):
            if isinstance(line, ChainedRecord):
                assert seal is not None
                assert line.hash == bytes(seal.hash).hex()
                found.append(line.seq)
            elif isinstance(line, Note):
                found.append(line.text.split("\n")[1])
    return found


async def test_all_of_it_is_in_order(sealing: Sealing) -> None:
    assert [1, 2, "2", 3, "3", 4] == await shape(sealing)


@pytest.mark.parametrize(
    ("after", "up_to", "expected"),
    [
        (2, None, [3, "3", 4]),
        (0, 3, [1, 2, "2", 3, "3"]),
        (2, 3, [3, "3"]),
        (4, None, []),
    ],
)
async def test_a_part_of_it_is_too(
    sealing: Sealing, after: int, up_to: int | None, expected: list[int | str]
) -> None:
    """What is behind one checkpoint, up to another, is what an export adds."""
    assert expected == await shape(sealing, after=after, up_to=up_to)
