"""A Rust file as a module: its functions, types, constants and modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
pub const LIMIT: usize = 3 + 4;
pub const NAMES: [&str; 2] = ["a", "b"];
pub const ORIGIN: Point = Point { x: 1 };
pub const CHECKED: Result<u8, ()> = Ok(1);
pub const CALLED: fn() = unit;
const PRIVATE: u8 = 1;
pub struct Point { x: i32 }
enum Hidden { A }
pub fn unit() {}
fn private() {}
pub mod inner {
    pub const DEPTH: u8 = 2;
    pub struct Deep(pub u8);
    pub fn deep(x: Deep) -> u8 { x.0 }
    mod sealed { pub struct Never; pub fn never() {} }
    pub mod more { pub fn deeper() -> &'static str { "down" } }
}
"""


@pytest.fixture
def lib(tmp_path: Path) -> Any:
    (tmp_path / "lib.rs").write_text(SOURCE)
    return Registry().module(tmp_path / "lib.rs")


def test_what_can_be_named_is_listed(lib: Any) -> None:
    assert dir(lib) == [
        "CALLED", "CHECKED", "Hidden", "LIMIT", "NAMES", "ORIGIN", "Point", "inner", "unit",
    ]  # fmt: skip
    assert dir(lib.inner) == ["DEPTH", "Deep", "deep", "more"]
    assert (lib.__name__, lib.inner.more.__name__) == ("lib", "lib.inner.more")


def test_constants_are_values(lib: Any) -> None:
    assert (7, ["a", "b"], lib.Point(1), 1) == (lib.LIMIT, lib.NAMES, lib.ORIGIN, lib.CHECKED)
    lib.NAMES.append("c")
    assert lib.NAMES == ["a", "b"]
    assert lib.inner.DEPTH == 2


def test_types_are_the_same_class_each_time(lib: Any) -> None:
    assert lib.Point is lib.Point
    assert lib.inner.Deep is lib.inner.Deep
    assert lib.Hidden.A.name == "A"


def test_modules_have_functions(lib: Any) -> None:
    assert lib.inner.deep(lib.inner.Deep(4)) == 4
    assert lib.inner.more.deeper() == "down"


def test_what_is_private_or_not_there_is_an_attribute_error(lib: Any) -> None:
    for module, name in ((lib, "PRIVATE"), (lib, "private"), (lib.inner, "sealed"), (lib, "nothing")):
        with pytest.raises(AttributeError, match=f"no public function, type or constant '{name}'"):
            getattr(module, name)
    with pytest.raises(AttributeError, match=r"lib.rs::inner has no .* \(found: DEPTH, Deep, deep, more\)"):
        _ = lib.inner.nothing


def test_a_constant_that_cannot_be_carried_says_why(lib: Any) -> None:
    with pytest.raises(SymbiontError, match=r"lib.rs:6: CALLED: `fn\(\)`: `fn\(\)` is no value"):
        _ = lib.CALLED
