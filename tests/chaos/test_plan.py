"""The plan is drawn from the seed alone, and leaves out nothing that it is asked for."""

from collections import Counter
from dataclasses import replace

from tests.chaos.options import SHORT, Options
from tests.chaos.plan import ANY_MOMENT, FLUSH, STALLED, Plan, drawn
from tests.chaos.points import POINTS

SEEDS = range(1, 51)


def met(plan: Plan) -> Counter[str]:
    """How often each point is met."""
    return Counter(death.point for places in plan.deaths.values() for deaths in places for death in deaths)


def test_a_seed_gives_the_same_plan_again_and_another_gives_another() -> None:
    plans = {tuple(drawn(Options(seed=seed)).lines()) for seed in SEEDS}
    assert plans == {tuple(drawn(Options(seed=seed)).lines()) for seed in SEEDS}
    assert len(plans) == len(SEEDS)


def test_every_named_point_is_met_even_in_the_short_form() -> None:
    for seed in SEEDS:
        assert met(drawn(replace(SHORT, seed=seed))).keys() == {*POINTS, ANY_MOMENT}


def test_as_many_faults_come_as_were_asked_for() -> None:
    for seed in SEEDS:
        options = Options(seed=seed, kills=23, redis=7, flushes=2, postgres=5, stalled=4)
        plan = drawn(options)
        assert met(plan).total() == 23
        assert [outage.how for outage in plan.redis].count(FLUSH) == 2
        assert (len(plan.redis), len(plan.postgres)) == (7, 5)
        assert all(outage.seconds > 2 * options.ping for outage in plan.readers if outage.how == STALLED)


def test_each_lane_is_spread_over_the_deliveries_in_order() -> None:
    for seed in SEEDS:
        plan = drawn(Options(seed=seed))
        for lane in (plan.redis, plan.postgres, plan.readers):
            shares = [outage.share for outage in lane]
            assert shares == sorted(shares)
            assert 0 < shares[0] < shares[-1] < 1
