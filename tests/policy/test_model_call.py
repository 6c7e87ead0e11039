"""What a question to a model may cost: exact money, and the first budget it breaks."""

from decimal import Decimal

import pytest

from policy.model_call import ModelBudget, Price, Spent, find_spent, usd

TASK = ModelBudget("the task", turns=3, tokens=1000, seconds=10.0, microusd=500)
DAY = ModelBudget("the tenant's day", turns=9, tokens=9000, seconds=90.0, microusd=900)
ASKED = Spent(turns=1, tokens=100, microusd=50)


@pytest.mark.parametrize(
    ("spent", "said"),
    [
        (Spent(turns=3), "3 turns of the task are spent"),
        (Spent(tokens=901), "901 of 1000 tokens of the task are spent, and up to 100"),
        (Spent(seconds=10.0), "10 s of the task are spent"),
        (Spent(microusd=451), "$0.0005 of $0.0005 of the task are spent, and up to"),
    ],
)
def test_each_of_the_four_ends_a_budget(spent: Spent, said: str) -> None:
    """Turns, tokens, seconds and dollars each refuse for themselves."""
    found = find_spent(ASKED, [(TASK, spent), (DAY, Spent())])

    assert found is not None
    assert found.startswith(said)


def test_a_budget_holds_to_its_last_unit() -> None:
    """What fits exactly is asked."""
    spent = Spent(turns=2, tokens=900, seconds=9.9, microusd=450)

    assert find_spent(ASKED, [(TASK, spent), (DAY, spent)]) is None


def test_the_tenants_day_refuses_too() -> None:
    """A fresh task is refused once the day is spent."""
    found = find_spent(ASKED, [(TASK, Spent()), (DAY, Spent(microusd=851))])

    assert found is not None
    assert "of the tenant's day" in found


def test_money_is_rounded_up_and_never_a_float() -> None:
    """0.15 and 0.60 dollars a million: one token each is one millionth, rounded up."""
    price = Price(Decimal("0.15"), Decimal("0.6"))

    assert 1 == price.microusd(1, 1)
    assert 750_000 == price.microusd(1_000_000, 1_000_000)
    assert 0 == Price(Decimal(0), Decimal(0)).microusd(10**6, 10**6)


def test_dollars_for_people() -> None:
    """Cents, and more digits below one."""
    assert ["$0.00", "$0.0042", "$0.04", "$12.50"] == [
        usd(one) for one in (0, 4200, 40_000, 12_500_000)
    ]
