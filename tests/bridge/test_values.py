"""Every constructor of types, as argument, as return and behind `&mut`."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from rust_values import ALONE, HEAD, chunks, named, rows
from three_ways import WAYS, Ways, seen, three_ways

from pytest_symbiont import Mut, RustError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _source() -> str:
    lines = [HEAD]
    for index, made in enumerate(ALONE):
        rust = made.rust
        lines += [
            f"pub fn same{index}<'a>(x: {rust}, _: Own) -> {rust} {{ x }}",
            f"pub fn swap{index}<'a>(x: &mut {rust}, y: {rust}, _: Own) -> {rust} {{ std::mem::replace(x, y) }}",
        ]
    for index, chunk in enumerate(chunks(ALONE)):
        types = ", ".join(made.rust for made in chunk)
        parameters = ", ".join(f"a{at}: {made.rust}" for at, made in enumerate(chunk))
        names = ", ".join(f"a{at}" for at in range(len(chunk)))
        lines.append(f"pub fn std{index}<'a>({parameters}) -> ({types},) {{ ({names},) }}")
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("values"), _source()) as opened:
        yield opened


def _back(function: Callable[..., Any], *arguments: Any) -> Any:
    """What comes back, be it returned or raised."""
    try:
        return function(*arguments)
    except RustError as error:
        return error


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("index", range(len(ALONE)), ids=[made.rust for made in ALONE])
def test_a_value_comes_back_as_it_went_in(ways: Ways, way: str, index: int) -> None:
    lib = ways[way]
    for value in ALONE[index].values:
        assert seen(_back(getattr(lib, f"same{index}"), value, lib.Own())) == seen(value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("index", range(len(ALONE)), ids=[made.rust for made in ALONE])
def test_a_value_behind_a_mut_is_exchanged(ways: Ways, way: str, index: int) -> None:
    lib = ways[way]
    values = ALONE[index].values
    for old, new in zip(values, values[1:] + values[:1], strict=True):
        cell = Mut(copy.copy(old))
        assert seen(_back(getattr(lib, f"swap{index}"), cell, new, lib.Own())) == seen(old)
        assert seen(cell.value) == seen(new)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("index", range(len(chunks(ALONE))))
def test_types_of_std_need_no_type_of_the_file(ways: Ways, way: str, index: int) -> None:
    types = chunks(ALONE)[index]
    for row in rows(types):
        assert named(types, getattr(ways[way], f"std{index}")(*row)) == named(types, row)
