from lab.platform.history import History, series

RATIO = series("genme_http_5xx_ratio", service="discourse")


def recorded(*stamps: float) -> History:
    history = History()
    for stamp in stamps:
        history.record(stamp, {RATIO: stamp})
    return history


def test_finds_the_newest_not_after() -> None:
    """Between two samples the older one holds."""
    history = recorded(10, 20, 30)

    assert {RATIO: 20} == history.sample_at(29.9)
    assert {} == history.sample_at(9)


def test_old_samples_go_stale() -> None:
    """After five minutes there is nothing, as in Prometheus."""
    assert {} == recorded(10).sample_at(311)


def test_a_line_is_the_newest_points() -> None:
    """Oldest first, no more than there are."""
    assert [(20, 20), (30, 30)] == recorded(10, 20, 30).line(RATIO, last=2)
