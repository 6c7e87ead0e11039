"""What ends a run before its playbook does."""


class RunnerError(Exception):
    """Base of this room's errors."""


class PlaybookError(RunnerError):
    """A playbook that does not load; ``line`` counts from 1, 0 where unknown."""

    def __init__(self, path: str, line: int, *, what: str, mend: str) -> None:
        super().__init__(f"{path}:{line}: {what}; {mend}")
        self.path = path
        self.line = line


class LeaseLost(RunnerError):
    """The gateway serves this run no longer: stop at once, report nothing."""


class GatewayAway(RunnerError):
    """The gateway did not answer within the budget, or answered nonsense."""


class SessionRefused(RunnerError):
    """The gateway refuses what no run can go on without."""
