"""
How each source is connected: who proves what, and what to set where at the vendor.

``autopilot webhooks add`` prints it, and ``docs/sources.md`` has all of it.
"""

from collections.abc import Mapping
from enum import StrEnum


class Proof(StrEnum):
    """What a source's sender can bring."""

    header = "token in a header"
    path = "token in the path: it can set no header"
    signature = "the vendor's signature if the endpoint has its secret, else token"
    topics = "SNS's signature if the endpoint has topics, else token in the path"


# Of each source: the proof, and what to set where.
CONNECT: Mapping[str, tuple[Proof, str]] = {
    "alertmanager": (
        Proof.header,
        (
            "a receiver with `webhook_configs`: `url`, and `http_config: "
            '{authorization: {type: Bearer, credentials: "<token>"}}`. Leave '
            "`max_alerts` at 0: what it leaves out nobody sees. Give each Prometheus "
            "`external_labels` of its own: alerts with the same labels are one."
        ),
    ),
    "cloudwatch": (
        Proof.topics,
        (
            "subscribe the URL (HTTPS) to the alarms' SNS topic; with `--topic "
            "ARN` the subscription confirms itself. With raw delivery SNS signs "
            "nothing: leave `--topic` out and put the token into the path."
        ),
    ),
    "datadog": (
        Proof.header,
        (
            "Integrations → Webhooks: the URL, the default payload, and Custom "
            'Headers `{"Authorization": "Bearer <token>"}`; then '
            "`@webhook-<name>` in a monitor."
        ),
    ),
    "eventbridge": (
        Proof.header,
        (
            "an API destination with the URL (POST), and a connection of the kind "
            "API key: name `X-Webhook-Token`, value the token."
        ),
    ),
    "gcp": (
        Proof.header,
        (
            "a webhook notification channel with basic authentication: any user, "
            "the token as password. A channel with an auth token sends it as "
            "`?auth_token=`, which is taken too; Pub/Sub push has the token in "
            "the path."
        ),
    ),
    "generic": (
        Proof.header,
        (
            "any sender of JSON: `Authorization: Bearer <token>`, or "
            "`X-Webhook-Token`, or the path."
        ),
    ),
    "grafana": (
        Proof.signature,
        (
            "a contact point of the kind webhook: the URL; under HMAC signature "
            "the secret (with `--secret-from-stdin`), or the Authorization "
            "header's scheme `Bearer` and the token as its credentials."
        ),
    ),
    "newrelic": (
        Proof.header,
        (
            "a webhook destination: the URL, authorization `Bearer token`; then a "
            "workflow that notifies it."
        ),
    ),
    "opsgenie": (
        Proof.header,
        (
            "an integration of the kind Webhook: the URL, and the custom header "
            "`Authorization: Bearer <token>`."
        ),
    ),
    "pagerduty": (
        Proof.signature,
        (
            "Integrations → Generic Webhooks (v3): the URL; PagerDuty shows the "
            "signing secret once, for `--secret-from-stdin`. Or the custom header "
            "`X-Webhook-Token` with the token."
        ),
    ),
    "pingdom": (
        Proof.path,
        (
            "Integrations → Add integration → Webhook: the URL with the token, "
            "and the integration in each check."
        ),
    ),
    "sentry": (
        Proof.signature,
        (
            "an internal integration: the webhook URL, alerts on, the resource "
            "`issue`; its client secret is for `--secret-from-stdin`. The old "
            "plugin signs nothing: put the token into the path."
        ),
    ),
    "splunk": (
        Proof.path,
        (
            "the alert's action Webhook: the URL with the token; it must be on "
            "Splunk's webhook allow list."
        ),
    ),
    "statuspage": (
        Proof.path,
        ("on the status page, Subscribe → webhook: the URL with the token."),
    ),
    "uptimerobot": (
        Proof.path,
        (
            "an alert contact of the kind Webhook: the URL with the token, by POST, "
            "as JSON or as fields. Uptime Kuma: notification type Webhook, the same "
            "URL."
        ),
    ),
    "zendesk": (
        Proof.signature,
        (
            "Admin Center → Webhooks: the URL, POST, JSON; its signing secret is "
            "for `--secret-from-stdin`, or authentication `Bearer token` with the "
            "token."
        ),
    ),
}
