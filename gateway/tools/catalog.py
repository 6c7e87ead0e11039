"""Every tool of this release, registered in one place."""

from gateway.registry import Registry
from gateway.tools.appeal import RESOLVE_APPEAL
from gateway.tools.audit import SEARCH_AUDIT_LOGS
from gateway.tools.backfill import START_BACKFILL
from gateway.tools.ban import BAN_USER
from gateway.tools.campaign import SCHEDULE_CAMPAIGN
from gateway.tools.campaign_plan import GET_CAMPAIGN_PLAN
from gateway.tools.consumer import RESTART_CONSUMER
from gateway.tools.content import GET_CONTENT_360
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from gateway.tools.experiment import GET_EXPERIMENT
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG
from gateway.tools.friction import APPLY_FRICTION
from gateway.tools.insights import SEARCH_INSIGHTS
from gateway.tools.push_tokens import REVOKE_PUSH_TOKENS
from gateway.tools.queues import GET_QUEUE_STATE
from gateway.tools.removal import REMOVE_CONTENT
from gateway.tools.reset_link import SEND_RESET_LINK
from gateway.tools.sessions import REVOKE_SESSIONS
from gateway.tools.throttle import THROTTLE_ENDPOINT
from gateway.tools.ticket import GET_TICKET
from gateway.tools.ticket_comment import ADD_TICKET_COMMENT
from gateway.tools.traces import TRACE_LOOKUP
from gateway.tools.user import GET_USER_360


def all_tools() -> Registry:
    return Registry(
        (
            GET_DASHBOARD_SNAPSHOT,
            TRACE_LOOKUP,
            GET_QUEUE_STATE,
            GET_USER_360,
            GET_CONTENT_360,
            SEARCH_AUDIT_LOGS,
            GET_TICKET,
            GET_EXPERIMENT,
            GET_CAMPAIGN_PLAN,
            SEARCH_INSIGHTS,
            TOGGLE_FEATURE_FLAG,
            THROTTLE_ENDPOINT,
            APPLY_FRICTION,
            REVOKE_PUSH_TOKENS,
            REMOVE_CONTENT,
            BAN_USER,
            RESOLVE_APPEAL,
            REVOKE_SESSIONS,
            SEND_RESET_LINK,
            RESTART_CONSUMER,
            START_BACKFILL,
            SCHEDULE_CAMPAIGN,
            ADD_TICKET_COMMENT,
        )
    )
