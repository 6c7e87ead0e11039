"""What "the service is well again" means: one threshold for every verify."""

from gateway.subjects import ServiceLoad

# 1 % is where the alert rule of the lab and of the playbooks resolves.
WELL_ERROR_RATIO = 0.01


def is_served(load: ServiceLoad) -> bool:
    """Tell whether requests arrive at all: without any, no ratio says anything."""
    return load.requests_per_second > 0


def is_well(load: ServiceLoad) -> bool:
    return is_served(load) and load.error_ratio < WELL_ERROR_RATIO


def say_health(load: ServiceLoad) -> str:
    if not is_served(load):
        return f"{load.service}: no requests arrive"
    return f"{load.service}: 5xx at {percent(load.error_ratio)}"


def percent(ratio: float) -> str:
    """Give a ratio for people: ``18.2 %``, ``0.21 %``."""
    digits = 1 if ratio >= WELL_ERROR_RATIO else 2
    return f"{ratio * 100:.{digits}f} %"
