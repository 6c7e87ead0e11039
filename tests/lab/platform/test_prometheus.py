from tests.lab.world import SteppedClock, World, platform_headers

EXPRESSION = 'genme_http_5xx_ratio{service="discourse"}'


async def test_an_instant_query_answers_a_vector(world: World) -> None:
    """GET and POST give Prometheus's own shape."""
    path, query = "/prometheus/api/v1/query", {"query": EXPRESSION}
    got = await world.http.get(path, params=query, headers=platform_headers())
    posted = await world.http.post(path, data=query, headers=platform_headers())

    result = got.json()["data"]["result"][0]
    assert "genme_http_5xx_ratio" == result["metric"]["__name__"]
    assert 0.001 < float(result["value"][1]) < 0.004
    assert got.json() == posted.json()


async def test_a_range_query_answers_a_matrix(
    world: World, clock: SteppedClock
) -> None:
    """Points lie a step apart, from start to end."""
    query: dict[str, str | float] = {
        "query": EXPRESSION,
        "start": clock.now - 60,
        "end": clock.now,
        "step": "15s",
    }
    got = await world.http.get(
        "/prometheus/api/v1/query_range", params=query, headers=platform_headers()
    )

    values = got.json()["data"]["result"][0]["values"]
    assert 5 == len(values)
    assert 15 == values[1][0] - values[0][0]


async def test_what_is_not_supported_is_bad_data(world: World) -> None:
    """The refusal has Prometheus's shape and says what would do."""
    refused: list[tuple[str, dict[str, str | float]]] = [
        ("query", {"query": "sum(up)"}),
        ("query", {}),
        ("query_range", {"query": EXPRESSION, "start": 9, "end": 1, "step": 1}),
        ("query_range", {"query": EXPRESSION, "start": 0, "end": 9e9, "step": 1}),
        ("query_range", {"query": EXPRESSION, "start": 0, "end": 9, "step": "1y"}),
        ("query", {"query": EXPRESSION, "time": "yesterday"}),
    ]
    for name, query in refused:
        got = await world.http.get(
            f"/prometheus/api/v1/{name}", params=query, headers=platform_headers()
        )

        assert (400, "bad_data") == (got.status_code, got.json()["errorType"])
