"""
Measure the alert sources on the public payloads and write ``docs/sources.md``.

Run by ``make sources-page``. Where the payloads are not, nothing is measured, and the
reason is printed. No payload is repeated, only counted.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.alerts.parsed import UnreadableDelivery
from bot.alerts.sources import SOURCES
from cli.clock import utc_now
from cli.connecting import CONNECT

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "sources.md"
DATA = ROOT.parent / "shared" / "data" / "alerts"
# What the payloads' collectors call a format, where it is not the source's own name.
FORMATS = {
    "axiom": "generic",
    "checkmk": "generic",
    "cloudwatch_eventbridge": "eventbridge",
    "cloudwatch_sns": "cloudwatch",
    "dash0": "generic",
    "gcp_monitoring": "gcp",
    "gcpmonitoring": "gcp",
    "grafana_legacy": "grafana",
    "graylog": "generic",
    "opsgenie_api_alert": "opsgenie",
    "opsgenie_api_incident": "opsgenie",
    "pagerduty_api_incident": "pagerduty",
    "pagerduty_v2": "pagerduty",
    "prometheus": "alertmanager",
    "riemann": "generic",
    "signalfx": "generic",
    "thousandeyes": "generic",
}
_NAMES = ("recorded", "recorded_parsed", "nothing", "mocks", "mocks_parsed")
_HEAD = """\
# Alert sources

Made by `make sources-page`, never by hand; a test holds it to the code, and to the
payloads where they are. `POST /webhooks/<source>/<slug>` takes them, and `autopilot
alerts parse --source <source> FILE` prints what one would become, of JSON or a form.

Counted are the open half of the public payloads in `../shared/data/alerts` (sources and
licences: `../shared/data/SOURCES.md`); none is repeated here. *Recorded* are
deliveries, their project's fixtures of such, and the output of rule tests; *mocks* are
simulations and objects of a vendor's REST API, which no webhook sends. *Parsed* means:
every alert in it has a title, a severity, a status and a fingerprint. *Nothing to tell*
is an event that says of no alert that it fires or has ended: it is taken, and changes
nothing. *Refused* is answered by a reason.
"""
_NOTES = """
## Who sends it

Nobody gets in by an address alone. *Token*: the endpoint's, as `Authorization: Bearer`,
as the password of `Authorization: Basic`, as `X-Webhook-Token`, or as the last part of
the path for a vendor that can set no header (gcp may also send `?auth_token=`). *The
vendor's signature*: over the body, with a secret that both sides know; once an endpoint
has a secret, nothing else opens it. *SNS's signature*: by Amazon's key, whose
certificate is fetched from pinned hosts alone, and of a topic that the endpoint lists,
since Amazon signs anybody's.

Two tokens or secrets are valid while one replaces the other: `autopilot webhooks rotate
SLUG`, then `--finish`. What a web process looked up it keeps for five seconds: so long
a revoked token still opens; a new one opens at once. Tokens are kept as SHA-256,
secrets sealed under `WEBHOOK_KEY`; without that key a signed endpoint answers 503, and
the log and `autopilot doctor` say so. No log line has a URL or a token; a proxy in
front should not log the paths below `/webhooks/` either.

To replace the key, give web `WEBHOOK_KEY=new,old`, run `autopilot webhooks reseal` with
the same, then give web the new one alone. All secrets are sealed anew, or, if one does
not open, none. `autopilot webhooks list` shows when each endpoint was last heard
(`last_taken`) and when and how it last refused somebody, within two seconds: a sender
that fell silent has an old `last_taken`, and a `401` or `422` after it says why.

## What is answered

- **202**: all of it is committed; `ignored` says what tells of no alert, `left_out` how
  many its sender says that it did not send (`truncatedAlerts`; the log says it, too).
  **200**: a subscription was confirmed, or has ended (which is logged, and not undone).
- **422**: some alerts are broken, named by their index; the others are committed.
- **400**: neither JSON nor a form, not UTF-8, empty, more than 64 lists or objects
  nested, more than 1,000 fields, no gzip, or of another shape. What came is kept
  redacted, for `autopilot doctor`.
- **401**: unknown endpoint, wrong token, bad signature: one answer for all.
  **403**: Amazon proves a topic that the endpoint does not list; the log names it.
- **404**: unknown source. **405**: another method than POST. **408**: the body took
  more than 20 s. **413**: more than 8 MiB, as sent or unpacked; of a
  sender who proved a token the start is kept, redacted.
  **415**: another `Content-Encoding` than gzip.
- **429** with `Retry-After`: more than the endpoint's rate, or a flood of strangers.
  **502**, **503**: Amazon, the database or the key is away, or too much waits. Nothing
  was stored; the sender sends it again.

JSON of any content type is taken; fields of a form (`x-www-form-urlencoded`), and of
the query where the body is empty, count as an object of texts, a lone `payload` that
holds JSON as that JSON. Nothing that may be a secret is read from a query. Of a key
that comes twice, the last counts. An endpoint takes 200 deliveries a second and 2,000
at once, all strangers together get 20 refusals a second and 100 at once (`WEBHOOK_…` in
the README), each counted in one web process: two processes take twice as much. A flood
of strangers stops no sender whose endpoint the process has looked up before.

## Connect a source

`autopilot webhooks add TENANT --source SOURCE --slug SLUG` makes the endpoint
`/webhooks/SOURCE/SLUG` and prints its token once. A token is the default;
`--secret-from-stdin` takes the vendor's signing secret instead, `--topic ARN` (several
times) the topics of SNS. `autopilot webhooks test SLUG` then delivers a test event to
the running web process.

@CONNECT@

## When an alert began

What a source says, in whichever form; before 2000 or more than a day ahead is no
answer. An alert that does not say when it began or ended, did so when it was received:
the same delivery sent twice then counts as two. What is reopened (an issue of Sentry, a
ticket of Zendesk, a finding of Security Hub) begins when it is reopened.
A maintenance of Statuspage, and a change that AWS Health announces, tell nothing until
they begin. *State changed*: each change has its own instant, and a sender's repeat has
the same. Severity is the vendor's word; without one it is a warning, unless a state or
a priority says more.

## A sender of your own

`generic` takes any JSON. Its mapping says where an alert's fields are, in
[JMESPath](https://jmespath.org); the head of `bot/alerts/generic.yaml` has all fields.
With `any_case: true` its names are in snake case and find the sender's in any.
`GENERIC_MAPPING_FILE` names yours; then it is in force in place of the shipped one.
A list of labels as the fingerprint is hashed. What is wrong with a file is said with
its line when it is loaded; an expression that fails breaks its alert alone.

```yaml
mappings:
  - name: backups
    when: job && outcome
    title: "join(': ', [job, outcome])"
    severity: outcome
    severity_words: {failed: error, late: warning, done: info}
    status: outcome
    status_words: {failed: firing, late: firing, done: resolved, started: ignored}
    fingerprint: [job, host]
    service: job
    starts_at: finished_at
    links: [log_url]
    labels: ["{job: job, host: host}"]
```

## Formats of the payloads

| `source_format` | `--source` |
| --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Count:
    """Payloads of one source; ``recorded`` and ``mocks`` are all there are."""

    recorded: int = 0
    recorded_parsed: int = 0
    nothing: int = 0
    mocks: int = 0
    mocks_parsed: int = 0


# Of each source: what is read, and when an alert began.
ABOUT: Mapping[str, tuple[str, str]] = {
    "alertmanager": (
        "webhook version 4; Prometheus's alerts without an envelope",
        "`startsAt`",
    ),
    "cloudwatch": (
        "alarms in SNS's envelope or bare; other notifications; subscriptions apart",
        "state changed",
    ),
    "datadog": ("default payload; templates in any case", "state changed"),
    "eventbridge": (
        "CloudWatch, Health, GuardDuty, Security Hub; others by type and state",
        "state changed, or as the event says",
    ),
    "gcp": ("webhook 1.0 to 1.2; Pub/Sub push", "`started_at`"),
    "generic": (
        "any JSON, mapped by `bot/alerts/generic.yaml` or `--mapping FILE`",
        "as mapped",
    ),
    "grafana": (
        "unified alerting; legacy alerting; OnCall; custom payloads",
        "`startsAt`; legacy: receipt",
    ),
    "newrelic": (
        "workflows; classic incidents; custom templates",
        "`createdAt`; classic: sent",
    ),
    "opsgenie": ("alerts and incidents", "`createdAt`"),
    "pagerduty": (
        "v3, v2, v1",
        "`created_at`; reopened: then",
    ),
    "pingdom": ("checks and transactions", "state changed"),
    "sentry": (
        "issues, issue and metric alerts, errors, the old plugin",
        "`firstSeen`; came back: receipt; alert: its event",
    ),
    "splunk": (
        "webhook action of a saved search",
        "`_time`, or the run; else receipt",
    ),
    "statuspage": (
        "incidents, maintenance, components",
        "`created_at`; component: change",
    ),
    "uptimerobot": (
        "monitors, expiries; Uptime Kuma",
        "`alertDateTime`, else receipt",
    ),
    "zendesk": (
        "ticket events; triggers' own JSON",
        "`created_at`, else receipt",
    ),
}


def source_of(source_format: str) -> str:
    """Give the source that reads a format."""
    return FORMATS.get(source_format, source_format)


def measure(folder: Path, received_at: datetime) -> dict[str, Count]:
    """Parse every payload of the folder, and count by source."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(folder.glob("*.json")):
        payload = json.loads(path.read_text(encoding="utf-8"))
        source = source_of(payload["source_format"])
        is_mock = payload["kind"] == "mock" or "_api_" in payload["source_format"]
        name = "mocks" if is_mock else "recorded"
        found[source, name] += 1
        found[source, _outcome(source, payload["payload"], received_at, name)] += 1
    return {
        source: Count(**{name: found[source, name] for name in _NAMES})
        for source in SOURCES
    }


def _outcome(source: str, payload: object, received_at: datetime, kind: str) -> str:
    try:
        parsed = SOURCES[source](payload, received_at)
    except UnreadableDelivery:
        return "refused"
    if parsed.broken:
        return "refused"
    return f"{kind}_parsed" if parsed.alerts else "nothing"


def render_sources_page(counts: Mapping[str, Count]) -> str:
    """Write the page; the same counts give the same page."""
    notes = _NOTES.replace("@CONNECT@\n", _connect())
    return "\n".join([_HEAD, *_table(counts)]) + "\n" + notes + _formats()


def read_counts(page: str) -> dict[str, Count]:
    """Read the counts that a page keeps."""
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| (\d+) of (\d+) \| (\d+) \| (\d+) of (\d+) \| \d+ \|",
        page,
        re.MULTILINE,
    )
    return {
        source: Count(
            recorded=int(recorded),
            recorded_parsed=int(parsed),
            nothing=int(nothing),
            mocks=int(mocks),
            mocks_parsed=int(mocks_parsed),
        )
        for source, parsed, recorded, nothing, mocks_parsed, mocks in rows
    }


def _table(counts: Mapping[str, Count]) -> Iterator[str]:
    yield (
        "| `--source` | reads | an alert began | recorded: parsed | nothing to tell "
        "| mocks: parsed | refused | authentication |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for source, (reads, began) in ABOUT.items():
        one = counts[source]
        seen = one.recorded_parsed + one.nothing + one.mocks_parsed
        yield (
            f"| `{source}` | {reads} | {began} "
            f"| {one.recorded_parsed} of {one.recorded} | {one.nothing} "
            f"| {one.mocks_parsed} of {one.mocks} | {one.recorded + one.mocks - seen} "
            f"| {CONNECT[source][0]} |"
        )


def _connect() -> str:
    return "".join(f"- `{source}`: {way}\n" for source, (_, way) in CONNECT.items())


def _formats() -> str:
    named = {**{source: source for source in SOURCES}, **FORMATS}
    return "".join(f"| `{name}` | `{named[name]}` |\n" for name in sorted(named))


def main() -> int:
    if not DATA.is_dir():
        print(f"skipped: {DATA} is not there; the page needs the public payloads")
        return 0
    PAGE.write_text(render_sources_page(measure(DATA, utc_now())), encoding="utf-8")
    print(f"written to {PAGE}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
