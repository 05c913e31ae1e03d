"""From a signature to a plan, or to one sentence that says why not."""

# ruff: noqa: ISC004 - a message stands in its row, whole

from __future__ import annotations

import pytest

from pytest_symbiont.bridge.plan import plan
from pytest_symbiont.bridge.rust_type import Named, Other, Reference, Slice, Tuple, parse
from pytest_symbiont.bridge.scalars import SCALARS
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.parse import functions


def _plan(signature: str) -> object:
    (function,) = functions(f"// one\n// two\npub {signature} {{ todo!() }}\n")
    return plan(function, "lib.rs")


def _refused(signature: str) -> str:
    with pytest.raises(SymbiontError) as refused:
        _plan(signature)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("rust", SCALARS)
def test_every_scalar_has_a_plan_in_every_place(rust: str) -> None:
    (function,) = functions(
        f"fn f(a: {rust}, b: &[{rust}], c: &mut [{rust}], d: Vec<{rust}>, e: &mut {rust}) -> Vec<{rust}> {{}}"
    )
    made = plan(function, "lib.rs")
    assert [parameter.kind for parameter in made.parameters] == ["scalar", "read", "write", "read", "cell"]
    full = f"::core::primitive::{rust}"
    assert [parameter.rust for parameter in made.parameters] == [
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
        ("&'a str", "text", "&::core::primitive::str"),
        ("& 'a str", "text", "&::core::primitive::str"),
        ("String", "text", "::std::string::String"),
        ("std::string::String", "text", "::std::string::String"),
        ("::std::vec::Vec<u8>", "read", "::std::vec::Vec<::core::primitive::u8>"),
        ("std::primitive::u8", "scalar", "::core::primitive::u8"),
        ("&'a mut [f64]", "write", "&mut [::core::primitive::f64]"),
        ("&mut char", "cell", "&mut ::core::primitive::char"),
    ],
)
def test_a_type_is_understood_however_it_is_written(text: str, kind: str, rust: str) -> None:
    (function,) = functions(f"fn f<'a>(x: {text}) {{}}")
    (parameter,) = plan(function, "lib.rs").parameters
    assert (parameter.kind, parameter.rust, parameter.shown) == (kind, rust, text)


@pytest.mark.parametrize(
    ("arrow", "kind"),
    [("", "unit"), ("-> ()", "unit"), ("-> char", "scalar"), ("-> String", "text"), ("-> Vec<bool>", "list")],
)
def test_what_may_be_returned(arrow: str, kind: str) -> None:
    (function,) = functions(f"fn f() {arrow} {{}}")
    assert plan(function, "lib.rs").returns.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "Option<u8>",
        "Vec<Vec<u8>>",
        "Vec<String>",
        "&[String]",
        "[u8; 4]",
        "&[u8; 4]",
        "(u8, u8)",
        "&u8",
        "&String",
        "&mut String",
        "&mut str",
        "&Vec<u8>",
        "&mut Vec<u8>",
        "&&str",
        "Box<u8>",
        "impl Fn()",
        "&dyn Fn()",
        "fn(u8) -> u8",
        "*const u8",
        "Celsius",
        "other::String",
        "crate::String",
        "Vec<u8, A>",
        "Self",
        "f16",
        "!",
    ],
)
def test_a_type_that_cannot_be_carried_is_one_sentence(text: str) -> None:
    said = _refused(f"fn f(x: {text})")
    assert said.startswith(
        f"lib.rs:3: f: parameter `x: {text}` is of a type that cannot be carried yet; carried "
    )
    assert "&mut [T]" in said
    if text != "!":
        said = _refused(f"fn f() -> {text}")
        assert said.startswith(f"lib.rs:3: f: it returns `{text}`, a type that cannot be carried yet; ")


@pytest.mark.parametrize("text", ["&str", "&[u8]", "&mut [u8]"])
def test_what_is_borrowed_is_not_returned_yet(text: str) -> None:
    assert f"it returns `{text}`" in _refused(f"fn f(x: {text}) -> {text}")


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (
            "fn f(x: &'static str)",
            "lib.rs:3: f: parameter `x: &'static str`: what Python passes lives as long as the call; "
            "leave out 'static",
        ),
        ("fn f<T>(x: T)", "lib.rs:3: f is generic (`<T>`): give it concrete types"),
        ("fn f<'a, T: Ord>(x: &'a [T])", "lib.rs:3: f is generic (`<'a, T: Ord>`): give it concrete types"),
        ("fn f<const N: usize>()", "lib.rs:3: f is generic (`<const N: usize>`): give it concrete types"),
        ("async fn f()", "lib.rs:3: f is `async`: only plain safe functions can be evolved"),
        ("unsafe fn f()", "lib.rs:3: f is `unsafe`: only plain safe functions can be evolved"),
        ('extern "C" fn f()', "lib.rs:3: f is `extern`: only plain safe functions can be evolved"),
        ('unsafe extern "C" fn f()', "lib.rs:3: f is `unsafe`: only plain safe functions can be evolved"),
    ],
)
def test_a_function_that_cannot_be_called_says_why(signature: str, reason: str) -> None:
    assert _refused(signature) == reason


def test_lifetimes_and_const_fns_are_no_obstacle() -> None:
    assert _plan("fn f<'a>(x: &'a str) -> usize")
    assert _plan("const fn f(x: u8) -> u8")


def test_a_parameter_without_a_name_is_named_by_its_place() -> None:
    (function,) = functions("fn f(_: u8, (a, b): (u8, u8)) {}")
    with pytest.raises(SymbiontError, match="parameter `argument 2: \\(u8, u8\\)`"):
        plan(function, "lib.rs")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i64", Named("i64")),
        ("&'a mut [u8]", Reference(mutable=True, inner=Slice(Named("u8")))),
        ("std::vec::Vec<&str>", Named("Vec", (Reference(mutable=False, inner=Named("str")),))),
        ("(u8, ())", Tuple((Named("u8"), Tuple(())))),
        ("[u8; 2]", Other("[u8; 2]")),
        ("", Other("")),
        ("u8; fn f() {}", Other("u8; fn f() {}")),
        ("u8 = u8; type U", Other("u8 = u8; type U")),
        ("}{", Other("}{")),
    ],
)
def test_types_are_values(text: str, expected: object) -> None:
    assert parse(text) == expected
