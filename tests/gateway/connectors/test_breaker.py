"""The breaker: so many failures shut it, one probe opens it."""

from gateway.connectors.breaker import Breaker


def failing(breaker: Breaker, times: int, *, at: float = 0.0) -> None:
    for _ in range(times):
        assert breaker.admit(at)
        breaker.record(at, answered=False)


def test_it_stays_closed_below_its_limit() -> None:
    """Two of three failures stop nobody."""
    breaker = Breaker(most_failures=3)
    failing(breaker, 2)

    assert breaker.admit(0.0)
    assert 0.0 == breaker.seconds_left(0.0)


def test_an_answer_forgets_the_failures() -> None:
    """Only failures in a row count."""
    breaker = Breaker(most_failures=3)
    for _ in range(5):
        failing(breaker, 2)
        breaker.record(0.0, answered=True)

    assert breaker.admit(0.0)


def test_it_opens_for_a_while() -> None:
    """From the last failure on, and says how long."""
    breaker = Breaker(most_failures=3, open_seconds=10)
    failing(breaker, 3, at=100.0)

    assert [False, False] == [breaker.admit(100.0), breaker.admit(109.9)]
    assert 4.0 == breaker.seconds_left(106.0)


def test_one_probe_goes_when_it_is_half_open() -> None:
    """The others wait for what becomes of it."""
    breaker = Breaker(most_failures=3, open_seconds=10)
    failing(breaker, 3)

    assert [True, False, False] == [breaker.admit(10.0) for _ in range(3)]


def test_a_probe_that_is_answered_closes_it() -> None:
    breaker = Breaker(most_failures=3, open_seconds=10)
    failing(breaker, 3)
    breaker.admit(10.0)
    breaker.record(11.0, answered=True)

    assert [True, True] == [breaker.admit(11.0), breaker.admit(11.0)]


def test_a_probe_that_fails_opens_it_again() -> None:
    """For as long as the first time, from its own failure."""
    breaker = Breaker(most_failures=3, open_seconds=10)
    failing(breaker, 3)
    breaker.admit(10.0)
    breaker.record(12.0, answered=False)

    assert [False, True] == [breaker.admit(21.9), breaker.admit(22.0)]


def test_a_probe_that_never_reports_shuts_nobody_out() -> None:
    """Its caller was cancelled: another one may try after the same while."""
    breaker = Breaker(most_failures=3, open_seconds=10)
    failing(breaker, 3)
    breaker.admit(10.0)

    assert [False, True] == [breaker.admit(19.9), breaker.admit(20.0)]
