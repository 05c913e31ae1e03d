"""The fixture `evolve_metric`: what it takes, what it refuses, where what it was told goes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.evolution.metering import REPLAYED, EvolveMetric, Replayed, metrics_of
from pytest_symbiont.evolution.metric import Metric, MetricKey, condense

if TYPE_CHECKING:
    from example import NewExample


@dataclass
class Sample:
    median: float
    spread: float


@pytest.fixture
def metric(request: pytest.FixtureRequest) -> EvolveMetric:
    return EvolveMetric(request.node)


def test_numbers_of_every_kind_are_reported(metric: EvolveMetric, request: pytest.FixtureRequest) -> None:
    np = pytest.importorskip("numpy")
    ticks = iter(range(10))
    assert metric.minimize("one", 3) == 3.0
    assert metric.maximize("several", [5, 1, 2]) == 2.0
    assert metric.minimize("array", np.array([4.0, 6.0])) == 5.0
    assert metric.minimize("scalar", np.float64(0.5)) == 0.5
    assert metric.minimize("measured", Sample(7.0, 0.25)) == 7.0
    assert metric.minimize("called", lambda: next(ticks), repeats=3) == 1.0
    assert [(one.name, one.spread) for one in metrics_of(request.node)] == [
        ("one", 0.0), ("several", 4.0), ("array", 2.0), ("scalar", 0.0), ("measured", 0.25), ("called", 2.0),
    ]  # fmt: skip
    assert next(ticks) == 3
    assert ("evolve_metric:several", 2.0) in request.node.user_properties


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1.0, math.nan], Sample(math.nan, 0.0)])
def test_what_is_not_finite_is_no_result(metric: EvolveMetric, value: float) -> None:
    with pytest.raises(ValueError, match=r"evolve_metric\.minimize\('mse'\): -?(nan|inf) is no result"):
        metric.minimize("mse", value)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "there is no value in it"),
        (Sample(1.0, math.nan), "a spread of nan is none"),
        (Sample(1.0, -1.0), "a spread of -1.0 is none"),
        ([1.0, 2.0, math.inf], "inf is no result"),
    ],
)
def test_other_values_that_are_none(metric: EvolveMetric, value: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        metric.maximize("score", value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["3", None, ["3"], object()])
def test_what_is_no_number_is_a_type_error(metric: EvolveMetric, value: object) -> None:
    with pytest.raises(TypeError, match="is no number"):
        metric.maximize("score", value)  # type: ignore[arg-type]


def test_a_time_below_0_is_none(metric: EvolveMetric) -> None:
    assert metric.minimize("change", -5.0) == -5.0
    with pytest.raises(ValueError, match="a time of -5 is none"):
        metric.minimize("ns", -5.0)


def test_a_name_is_reported_once_a_case(metric: EvolveMetric) -> None:
    metric.minimize("ns", 1.0, case="sorted")
    metric.minimize("ns", 1.0, case="random")
    with pytest.raises(ValueError, match=r"'ns', case='random'\): this test has reported it already"):
        metric.maximize("ns", 1.0, case="random")


def test_thresholds_are_asserted_after_the_value_was_kept(
    metric: EvolveMetric, request: pytest.FixtureRequest
) -> None:
    metric.minimize("mse", 0.5, threshold=0.5)
    with pytest.raises(AssertionError, match=r"^mse \(b\) = 0\.6 must be at most 0\.5$"):
        metric.minimize("mse", 0.6, 0.5, case="b")
    with pytest.raises(AssertionError, match=r"^wins = 2 must be at least 3$"):
        metric.maximize("wins", 2, 3)
    assert [one.reached for one in metrics_of(request.node)] == [True, False, False]
    with pytest.raises(ValueError, match="threshold nan is none"):
        metric.minimize("other", 1.0, threshold=math.nan)


def test_recorded_values_take_the_place_of_new_ones(
    metric: EvolveMetric, request: pytest.FixtureRequest
) -> None:
    key = MetricKey(f"another/folder/{request.node.nodeid}", "ns")
    request.config.stash[REPLAYED] = Replayed([(key, 10.0, 1.0)])
    try:
        assert metric.minimize("ns", 99.0, threshold=20.0) == 10.0
        assert metric.minimize("other", 99.0) == 99.0
    finally:
        del request.config.stash[REPLAYED]
    assert metrics_of(request.node)[0] == Metric("ns", "minimize", 10.0, 1.0, 20.0)


def test_an_improvement_exceeds_the_noise_of_both() -> None:
    slow, noisy, fast = (Metric("ns", "minimize", *each) for each in ((100.0, 5.0), (92.0, 9.0), (80.0, 1.0)))
    assert not noisy.beats(slow)
    assert fast.beats(slow)
    assert not slow.beats(fast)
    assert Metric("wins", "maximize", 3.0).beats(Metric("wins", "maximize", 2.0))


def test_one_outlier_does_not_widen_the_spread() -> None:
    value, spread = condense([10.0, 10.1, 10.2, 10.3, 500.0])
    assert value == 10.2
    assert spread < 1.0


SUITE = {
    "half.rs": "pub fn half(x: f64) -> f64 { x / 2.0 }\n",
    "test_half.py": """
        import pytest
        from pytest_symbiont import evolvable

        half = evolvable("half.rs::half")

        @pytest.mark.evolve(half)
        @pytest.mark.parametrize("x", [1.0, 3.0])
        def test_half(evolve_metric, x):
            evolve_metric.minimize("error", abs(half(x) - 0.5), threshold=0.5)
        """,
}


def test_an_ordinary_run_asserts_thresholds_and_reports_values(example: NewExample) -> None:
    ran = example(SUITE).run(
        "--junitxml=out.xml", outcomes={"passed": 1, "failed": 1}, code=1, changed={"out.xml": ...}
    )
    assert "AssertionError: error = 1 must be at most 0.5" in ran.out
    assert "metering.py" not in ran.out
    xml = example({}).read("out.xml")
    assert '<property name="evolve_metric:error" value="0.0"' in xml
    assert '<property name="evolve_metric:error" value="1.0"' in xml
