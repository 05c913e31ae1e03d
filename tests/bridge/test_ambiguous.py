"""Values that Python would take for None stay apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import RustError, Some

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """
type Checked = Option<Result<(), String>>;
type Deep = Option<Box<Option<Option<()>>>>;
pub fn checked(x: Vec<Checked>) -> Vec<Checked> { x }
pub fn kind(x: Checked) -> u8 { match x { None => 0, Some(Ok(())) => 1, Some(Err(_)) => 2 } }
pub fn deep(x: Vec<Deep>) -> Vec<Deep> { x }
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("ambiguous"), SOURCE) as opened:
        yield opened


@pytest.fixture(params=WAYS)
def lib(ways: Ways, request: pytest.FixtureRequest) -> Any:
    return ways[request.param]


def test_a_unit_result_in_an_option_is_told_from_none(lib: Any) -> None:
    values = [None, Some(None), Some(RustError("no"))]
    assert [lib.kind(value) for value in values] == [0, 1, 2]
    assert lib.kind(RustError("no")) == 2
    assert lib.checked(values) == values


def test_options_of_options_of_units_are_told_apart(lib: Any) -> None:
    values = [None, Some(None), Some(Some(None)), Some(Some(Some(None)))]
    assert lib.deep(values) == values
