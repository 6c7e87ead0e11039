"""Nothing that a connector serves is left out of the contract."""

from typing import get_args

from gateway.connector_kinds import AnyConnector
from gateway.rest_calls import CALLS
from tests.gateway.connectors.cases import CASES
from tests.gateway.connectors.cases_platform import PLATFORM_CASES
from tests.gateway.connectors.cases_rest import REST_CASES


def test_every_kind_and_every_port_has_a_case() -> None:
    """But the pagers, which read nothing: test_pagers.py holds what they send."""
    tried: dict[str, set[str]] = {}
    for case in (*CASES, *PLATFORM_CASES, *REST_CASES):
        tried.setdefault(case.config.kind, set()).add(case.port)
    models = get_args(get_args(AnyConnector)[0])
    known = {get_args(one.model_fields["kind"].annotation)[0] for one in models}

    assert known - {"pagerduty", "opsgenie", "hook"} == set(tried)
    assert set(CALLS) == tried["rest"]
    for case in (*CASES, *PLATFORM_CASES):
        assert case.config.serves <= {*tried[case.config.kind], "pager"}
