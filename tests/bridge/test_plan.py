"""From a signature to a plan, or to one sentence that says why not."""

from __future__ import annotations

import pytest

from pytest_symbiont.bridge.custom import CustomTypes
from pytest_symbiont.bridge.plan import Plan, plan
from pytest_symbiont.bridge.rust_type import Array, Named, Other, Reference, Slice, Tuple, parse, render
from pytest_symbiont.bridge.scalars import SCALARS
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.parse import functions


def _plan(signature: str) -> Plan:
    text = f"// one\n// two\npub {signature} {{ todo!() }}\n"
    (function,) = functions(text)
    return plan(function, "lib.rs", CustomTypes(text, "lib"))


def _refused(signature: str) -> str:
    with pytest.raises(SymbiontError) as refused:
        _plan(signature)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("rust", SCALARS)
def test_scalars_and_their_slices_lie_in_words(rust: str) -> None:
    made = _plan(
        f"fn f(a: {rust}, b: &[{rust}], c: &mut [{rust}], d: Vec<{rust}>, e: &mut {rust}) -> Vec<{rust}>"
    )
    assert [parameter.kind for parameter in made.parameters] == ["scalar", "read", "write", "read", "cell"]
    full = f"::core::primitive::{rust}"
    assert [render(parameter.type) for parameter in made.parameters] == [
        full,
        f"&[{full}]",
        f"&mut [{full}]",
        f"::std::vec::Vec<{full}>",
        f"&mut {full}",
    ]
    assert {parameter.element.rust for parameter in made.parameters} == {made.returns.element.rust} == {rust}
    assert made.returns.kind == "list"


@pytest.mark.parametrize(
    ("text", "kind", "rust"),
    [
        ("&str", "text", "&::core::primitive::str"),
        ("&'a str", "text", "&'a ::core::primitive::str"),
        ("& 'a str", "text", "&'a ::core::primitive::str"),
        ("String", "text", "::std::string::String"),
        ("std::string::String", "text", "::std::string::String"),
        ("::std::vec::Vec<u8>", "read", "::std::vec::Vec<::core::primitive::u8>"),
        ("std::primitive::u8", "scalar", "::core::primitive::u8"),
        ("&'a mut [f64]", "write", "&'a mut [::core::primitive::f64]"),
        ("&mut char", "cell", "&mut ::core::primitive::char"),
        ("&'static str", "packed", "&'static ::core::primitive::str"),
        ("(u8,)", "packed", "(::core::primitive::u8,)"),
        ("(u8)", "scalar", "::core::primitive::u8"),
        ("[[u8; 1 + 1]; 0x3]", "packed", "[[::core::primitive::u8; 2]; 3]"),
        ("core::time::Duration", "packed", "::std::time::Duration"),
    ],
)
def test_a_type_is_understood_however_it_is_written(text: str, kind: str, rust: str) -> None:
    (parameter,) = _plan(f"fn f<'a>(x: {text})").parameters
    assert (parameter.kind, render(parameter.type), parameter.shown) == (kind, rust, text)


@pytest.mark.parametrize(
    ("text", "owned", "passed"),
    [
        ("Option<u8>", "::std::option::Option<::core::primitive::u8>", "value"),
        ("&[String]", "::std::vec::Vec<::std::string::String>", "shared"),
        ("&String", "::std::string::String", "shared"),
        ("&mut str", "::std::string::String", "mutable"),
        ("&mut Vec<u8>", "::std::vec::Vec<::core::primitive::u8>", "mutable"),
        ("&mut &str", "&::core::primitive::str", "mutable"),
        ("Option<&mut u8>", "::std::option::Option<::core::primitive::u8>", "inside"),
    ],
)
def test_what_is_packed_is_owned_while_rust_sees_it(text: str, owned: str, passed: str) -> None:
    (parameter,) = _plan(f"fn f(x: {text})").parameters
    assert (parameter.kind, render(parameter.owned), parameter.passed) == ("packed", owned, passed)


@pytest.mark.parametrize(
    ("arrow", "kind"),
    [
        ("", "unit"),
        ("-> ()", "unit"),
        ("-> char", "scalar"),
        ("-> String", "text"),
        ("-> Vec<bool>", "list"),
        ("-> (u8, u8)", "packed"),
        ("-> &'static str", "packed"),
        ("-> Result<u8, ()>", "packed"),
    ],
)
def test_what_may_be_returned(arrow: str, kind: str) -> None:
    assert _plan(f"fn f() {arrow}").returns.kind == kind


def test_where_an_argument_comes_back_the_result_is_packed_with_it() -> None:
    assert _plan("fn f(x: &mut String) -> u8").returns.kind == "packed"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dyn Fn()", "`dyn Fn()` is no value that Python could hold"),
        ("fn()", "`fn()` is no value that Python could hold"),
        ("fn(u8) -> u8", "`fn(u8) -> u8` is no value that Python could hold"),
        ("*const u8", "`*const u8` is no value that Python could hold"),
        ("Celsius", "`Celsius` is no type of this file, nor one of std that is known here"),
        ("other::String", "`other::String` is no type of this file, nor one of std that is known here"),
        ("Vec<Celsius>", "`Celsius` is no type of this file, nor one of std that is known here"),
        ("atomic::Ordering", "`atomic::Ordering` is no type of this file, nor one of std that is known here"),
        ("[u8; N]", "the length `N` is no plain number"),
        ("[u8; f()]", "the length `f()` is no plain number"),
        ("BTreeMap<u8>",
         ("`::std::collections::BTreeMap<::core::primitive::u8>`: `BTreeMap` is carried with 2 type "
          "arguments")),
    ],
)  # fmt: skip
def test_a_type_that_cannot_be_carried_is_one_sentence(text: str, reason: str) -> None:
    assert _refused(f"fn f(x: {text})") == f"lib.rs:3: f: parameter `x: {text}`: {reason}"
    assert _refused(f"fn f() -> {text}") == f"lib.rs:3: f: it returns `{text}`: {reason}"


@pytest.mark.parametrize("text", ["Vec<&mut u8>", "&mut &mut u8", "(u8, &mut [u8])"])
def test_a_mutable_reference_stands_alone(text: str) -> None:
    assert _refused(f"fn f(x: {text})").endswith("a `&mut` inside of another type")


def test_an_error_of_std_is_not_passed() -> None:
    _plan("fn f() -> Result<u8, std::num::ParseIntError>")
    assert "can be returned, but not passed" in _refused("fn f(x: std::num::ParseIntError)")


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("fn f<T>(x: T)", "lib.rs:3: f is generic (`<T>`): give it concrete types"),
        ("fn f<'a, T: Ord>(x: &'a [T])", "lib.rs:3: f is generic (`<'a, T: Ord>`): give it concrete types"),
        ("fn f<const N: usize>()", "lib.rs:3: f is generic (`<const N: usize>`): give it concrete types"),
        ("unsafe fn f()", "lib.rs:3: f is `unsafe`: only plain safe functions can be evolved"),
        ('extern "C" fn f()', "lib.rs:3: f is `extern`: only plain safe functions can be evolved"),
        ('unsafe extern "C" fn f()', "lib.rs:3: f is `unsafe`: only plain safe functions can be evolved"),
    ],
)
def test_a_function_that_cannot_be_called_says_why(signature: str, reason: str) -> None:
    assert _refused(signature) == reason


def test_lifetimes_and_const_fns_are_no_obstacle() -> None:
    assert _plan("fn f<'a>(x: &'a str) -> usize").lifetimes == "<'a>"
    assert _plan("const fn f(x: u8) -> u8").lifetimes == ""


def test_a_parameter_without_a_name_is_named_by_its_place() -> None:
    assert [parameter.name for parameter in _plan("fn f(_: u8, (a, b): (u8, u8))").parameters] == [
        "argument 1",
        "argument 2",
    ]
    assert "parameter `argument 2: Nothing`" in _refused("fn f(_: u8, (a, b): Nothing)")


def test_bounds_between_lifetimes_become_one_lifetime() -> None:
    made = _plan("fn f<'a, 'b: 'a>(x: &'a str, y: &'b str) -> &'a str")
    assert made.lifetimes == "<'a>"
    assert [render(parameter.type) for parameter in made.parameters] == ["&'a ::core::primitive::str"] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i64", Named("i64")),
        ("&'a mut [u8]", Reference(mutable=True, inner=Slice(Named("u8")), lifetime="'a")),
        ("std::vec::Vec<&str>", Named("std::vec::Vec", (Reference(mutable=False, inner=Named("str")),))),
        ("Token<'a, T>", Named("Token", (Named("T"),), ("'a",))),
        ("(u8, ())", Tuple((Named("u8"), Tuple(())))),
        ("[u8; 2]", Array(Named("u8"), "2")),
        ("", Other("")),
        ("u8; fn f() {}", Other("u8; fn f() {}")),
        ("u8 = u8; type U", Other("u8 = u8; type U")),
        ("}{", Other("}{")),
    ],
)
def test_types_are_values(text: str, expected: object) -> None:
    assert parse(text) == expected
