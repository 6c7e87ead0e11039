import asyncio

from lab.changes import ChangeFeed


async def test_a_watcher_wakes_at_a_change() -> None:
    """The wait ends with the new version."""
    changes = ChangeFeed()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(changes.wait_beyond(0, timeout_seconds=5))
        await asyncio.sleep(0)
        changes.announce()

    assert 1 == waiting.result()


async def test_a_missed_change_is_told_at_once() -> None:
    """Nobody waits for what has happened already."""
    changes = ChangeFeed()
    changes.announce()

    assert 1 == await changes.wait_beyond(0, timeout_seconds=0)


async def test_waiting_ends_in_time() -> None:
    """Without a change the old version comes back."""
    assert 0 == await ChangeFeed().wait_beyond(0, timeout_seconds=0.01)
