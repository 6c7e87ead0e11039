"""Every tool of this release, registered in one place."""

from gateway.registry import Registry
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG
from gateway.tools.queues import GET_QUEUE_STATE
from gateway.tools.throttle import THROTTLE_ENDPOINT
from gateway.tools.traces import TRACE_LOOKUP


def all_tools() -> Registry:
    return Registry(
        (
            GET_DASHBOARD_SNAPSHOT,
            TRACE_LOOKUP,
            GET_QUEUE_STATE,
            TOGGLE_FEATURE_FLAG,
            THROTTLE_ENDPOINT,
        )
    )
