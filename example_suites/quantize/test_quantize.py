import pytest

from pytest_symbiont import evolvable

quantize = evolvable("quantize.rs::quantize")

pytestmark = pytest.mark.evolve(quantize)


def mean_squared_error(values: list[float], quantized: list[float]) -> float:
    assert len(quantized) == len(values)
    return sum((a - b) ** 2 for a, b in zip(values, quantized, strict=True)) / len(values)


def test_few_levels(values, evolve_metric):
    evolve_metric.minimize("levels", len(set(quantize(values))), threshold=16)


def test_small_error(values, evolve_metric):
    evolve_metric.minimize("mean squared error", mean_squared_error(values, quantize(values)), threshold=0.1)


def test_of_nothing_is_nothing():
    assert quantize([]) == []


@pytest.mark.evolve(quantize, holdout=True)
def test_other_values_of_the_same_kind(other_values):
    quantized = quantize(other_values)
    assert len(set(quantized)) <= 16
    assert mean_squared_error(other_values, quantized) <= 0.11
