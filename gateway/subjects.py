"""
What the outside systems say: of services, people, content, pipelines, tickets.

Instants are Unix seconds, ages and lags seconds, rates per second, ratios 0..1,
latencies milliseconds. ``version`` changes with every write of what can be written,
and means nothing else. "anybody's words" beside a field: it is tainted, and named so.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """``points`` are (Unix seconds, value), oldest first."""

    name: str
    unit: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RouteLoad:
    route: str
    requests_per_second: float
    capacity_rps: float | None  # None: nobody measures it
    error_ratio: float | None  # None: the same
    rejected_per_second: float | None  # None: nobody can tell


@dataclass(frozen=True, slots=True)
class ServiceLoad:
    """``unread_routes`` are requested as well: by how much is no number."""

    service: str
    requests_per_second: float
    error_ratio: float
    p99_ms: float | None  # None: nobody measures it
    active_users: int | None  # None: nobody counts them
    routes: tuple[RouteLoad, ...]
    unread_routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlagState:
    """
    ``version`` changes with every write; a write names the one it saw.

    ``former`` is the system's own form of this state as JSON text, by which an undo
    restores it exactly; empty where enabled and rollout say everything.
    ``named_percent`` is how far it opens to those whom its constraints name;
    ``only_named``: to nobody else, so that the rollout is theirs. ``also_of`` names the
    services that it belongs to beside ``service``.
    """

    key: str
    service: str
    enabled: bool
    rollout_percent: int
    version: int
    changed_at: float
    changed_by: str
    previous_rollout_percent: int | None
    former: str = ""
    named_percent: int = 0
    only_named: bool = False
    also_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlagList:
    """A service's flags; ``unread`` counts those that the system has beside them."""

    flags: Sequence[FlagState]
    unread: int = 0


@dataclass(frozen=True, slots=True)
class ThrottleState:
    service: str
    route: str
    limit_rps: int | None
    version: int


@dataclass(frozen=True, slots=True)
class QueueLoad:
    queue: str
    depth: int
    oldest_age_seconds: float
    in_rate: float
    out_rate: float
    consumers: int


@dataclass(frozen=True, slots=True)
class Span:
    """``message`` is text that anybody may have written."""

    service: str
    operation: str
    status: str
    duration_ms: float | None  # None: it ends before it begins
    error_type: str
    attributes: tuple[tuple[str, str], ...]
    message: str


@dataclass(frozen=True, slots=True)
class Trace:
    trace_id: str
    correlation_id: str
    status: str
    started_at: float
    duration_ms: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """
    One user of the platform.

    ``status`` is ``active``, ``suspended`` or ``banned``; ``banned_until`` None while
    banned means for ever. ``handle`` and ``display_name`` are anybody's words.
    """

    user_id: str
    handle: str
    display_name: str
    email: str
    phone: str
    country: str
    created_at: float
    followers: int
    status: str
    banned_until: float | None
    strikes: int
    reports_last_day: int
    posts_last_day: int
    push_tokens: int
    push_revoked: bool
    recent_content: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class IdentityState:
    """
    One user's way in: open sessions, log-ins that failed, the last reset mail.

    ``session_ids`` None where the system only counts. ``resets_shown`` False where it
    keeps no record of the mails: then ``reset_sent_at`` says nothing. ``logins_shown``
    False: nor of the log-ins, or not for long, and ``last_login_at`` None is no
    "never". ``failed_logins_capped``: so many were counted, and there may be more.
    """

    user_id: str
    sessions: int
    last_login_at: float | None
    failed_logins_last_hour: int | None  # None: nobody keeps them
    locked: bool
    reset_sent_at: float | None
    version: int
    session_ids: tuple[str, ...] | None = None
    resets_shown: bool = True
    logins_shown: bool = True
    failed_logins_capped: bool = False


@dataclass(frozen=True, slots=True)
class ContentState:
    """Anybody's ``text``, ``visible`` or ``removed``; ``thread_size`` goes with it."""

    content_id: str
    author_id: str
    kind: str
    created_at: float
    text: str
    status: str
    removed_reason: str | None
    views_last_hour: int
    replies_last_hour: int
    repliers_last_hour: int
    reports: int
    labels: tuple[str, ...]
    thread_size: int
    version: int


@dataclass(frozen=True, slots=True)
class FrictionState:
    """
    What slows people down at a target (``content:…``, ``user:…``, ``gathering:…``).

    ``friction_type`` None where nothing does; ``people_last_hour`` would have met it.
    """

    target: str
    friction_type: str | None
    expires_at: float | None
    people_last_hour: int
    actions_last_hour: int
    version: int


@dataclass(frozen=True, slots=True)
class Appeal:
    """
    One appeal against a ban or a removal.

    ``action`` is ``ban`` or ``removal``, ``status`` ``open``, ``upheld`` or
    ``overturned``; ``statement`` is anybody's words.
    """

    appeal_id: str
    user_id: str
    action: str
    subject_id: str
    opened_at: float
    statement: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """One consumer group; ``lag`` counts messages that wait, None if nobody knows."""

    consumer_group: str
    topic: str
    pipeline: str | None
    members: int
    lag: int | None
    lag_seconds: float | None
    in_rate: float
    out_rate: float
    restarts: int
    restarted_at: float | None
    version: int


@dataclass(frozen=True, slots=True)
class Backfill:
    """``state`` is ``running`` or ``done``; ``rows_total`` is what it will write."""

    id: str
    from_at: float
    to_at: float
    state: str
    rows_done: int
    rows_total: int


@dataclass(frozen=True, slots=True)
class PipelineState:
    """``watermark_at``: everything older has arrived, except within ``gaps``."""

    pipeline: str
    watermark_at: float
    lag_seconds: float
    rows_per_second: float
    gaps: tuple[tuple[float, float], ...]
    backfills: tuple[Backfill, ...]
    version: int


@dataclass(frozen=True, slots=True)
class CampaignState:
    """
    One notification campaign.

    ``state`` is ``none``, ``scheduled`` or ``sent``; ``audience`` counts people.
    """

    campaign_key: str
    state: str
    segment: str | None
    template: str | None
    starts_at: float | None
    audience: int
    version: int


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """A campaign that people have set up; ``state`` as in ``CampaignState``."""

    campaign_key: str
    state: str


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom a campaign may reach; ``people`` counts them."""

    segment: str
    people: int


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a campaign is made of: staff set all of it up, so its names are trusted."""

    campaigns: tuple[PlannedCampaign, ...]
    segments: tuple[Segment, ...]
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """``body`` is anybody's words; ``public`` ones reach the requester."""

    author: str
    body: str
    public: bool
    at: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """Anybody's words; ``earlier_comments`` counts those that were not read."""

    ticket_id: str
    subject: str
    status: str
    priority: str
    requester_name: str
    requester_email: str
    user_id: str | None
    tags: tuple[str, ...]
    created_at: float
    updated_at: float
    comments: tuple[Comment, ...]
    version: int
    earlier_comments: int = 0


@dataclass(frozen=True, slots=True)
class VariationResult:
    """``chance_to_win`` is 0..1 against the control; None is what nobody measured."""

    metric: str
    variation: str
    users: int | None
    value: float | None
    chance_to_win: float | None


@dataclass(frozen=True, slots=True)
class Experiment:
    """``status`` is the system's own word: ``draft``, ``running`` or ``stopped``."""

    key: str
    name: str
    status: str
    phase: str
    started_at: float | None
    coverage: float | None  # None: nobody set one
    variations: tuple[str, ...]
    results: tuple[VariationResult, ...]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``detail`` may hold anybody's words."""

    at: float
    actor: str
    action: str
    target: str
    detail: str


@dataclass(frozen=True, slots=True)
class PastTask:
    """
    A task of ours that was settled, found by likeness.

    ``rank`` orders answers of one search and means nothing else; ``actions`` are
    ``tool: state`` of its proposals.
    """

    task_id: str
    title: str
    kind: str
    service: str | None
    state: str
    headline: str
    opened_at: float
    closed_at: float | None
    actions: tuple[str, ...]
    rank: float
