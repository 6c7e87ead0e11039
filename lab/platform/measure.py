"""Read the metrics that the platform exposes off its state."""

from collections.abc import Mapping

from lab.platform.flag import Flag
from lab.platform.history import Series, series
from lab.platform.queue import Queue
from lab.platform.service import Service

REQUESTS = "genme_http_requests_per_second"
ERRORS = "genme_http_5xx_ratio"
P99 = "genme_http_p99_seconds"
THROTTLED = "genme_throttled_per_second"
DEPTH = "genme_queue_depth"
AGE = "genme_queue_oldest_age_seconds"
ROLLOUT = "genme_flag_rollout_percent"
METRICS = (REQUESTS, ERRORS, P99, THROTTLED, DEPTH, AGE, ROLLOUT)


def measure(
    services: Mapping[str, Service],
    queues: Mapping[str, Queue],
    flags: Mapping[str, Flag],
) -> dict[Series, float]:
    sample: dict[Series, float] = {}
    for service in services.values():
        sample |= measure_service(service)
    for queue in queues.values():
        sample[series(DEPTH, queue=queue.name)] = queue.depth
        sample[series(AGE, queue=queue.name)] = queue.oldest_age_seconds
    for flag in flags.values():
        percent = float(flag.effective_percent)
        sample[series(ROLLOUT, flag=flag.key, service=flag.service)] = percent
    return sample


def measure_service(service: Service) -> dict[Series, float]:
    name = service.name
    sample = {
        series(ERRORS, service=name): service.error_ratio,
        series(P99, service=name): service.p99_ms / 1000,
    }
    for route in service.routes:
        labels = {"service": name, "route": route.name}
        sample[series(REQUESTS, **labels)] = route.admitted_rps
        sample[series(THROTTLED, **labels)] = route.rejected_rps
    return sample
