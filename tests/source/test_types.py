"""The types, constants and imports of a Rust file, as data."""

from __future__ import annotations

import pytest

from pytest_symbiont.source.types import Declaration, Field, Use, Variant, declarations


def _one(text: str) -> Declaration:
    (found,) = declarations(text).by_path.values()
    return found


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("struct S;", Variant("S", "unit")),
        ("struct S {}", Variant("S", "named")),
        ("struct S();", Variant("S", "tuple")),
        ("struct S { x: u8, pub r#type: Vec < u8 > }",
         Variant("S", "named", (Field("x", "u8"), Field("r#type", "Vec < u8 >", public=True)))),
        ("struct S(u8, pub(crate) /* no */ Vec<u8>, #[x] u16);",
         Variant("S", "tuple", (Field("0", "u8"), Field("1", "Vec<u8>", public=True), Field("2", "u16")))),
        ("struct S {\n  /// Said.\n  #[x] a: u8, // why\n}", Variant("S", "named", (Field("a", "u8"),))),
    ],
)  # fmt: skip
def test_a_struct_has_fields(text: str, variant: Variant) -> None:
    assert _one(text).variants == (variant,)


def test_an_enum_has_variants() -> None:
    assert _one("enum E { A, B(u8, i8), C { x: u8 }, #[default] D = 1 << 3, E = -2 }").variants == (
        Variant("A", "unit"),
        Variant("B", "tuple", (Field("0", "u8"), Field("1", "i8"))),
        Variant("C", "named", (Field("x", "u8"),)),
        Variant("D", "unit", (), "1 << 3"),
        Variant("E", "unit", (), "-2"),
    )


@pytest.mark.parametrize(
    ("text", "lifetimes", "parameters"),
    [
        ("struct S;", (), ()),
        ("struct S<'a, 'b: 'a>(&'a &'b u8);", ("'a", "'b"), ()),
        ("struct S<T: Ord, U = u8>(T, U);", (), ("T", "U")),
        ("type A<'a, T> = &'a T;", ("'a",), ("T",)),
    ],
)
def test_generics_are_named(text: str, lifetimes: tuple[str, ...], parameters: tuple[str, ...]) -> None:
    found = _one(text)
    assert (found.lifetimes, found.parameters) == (lifetimes, parameters)


@pytest.mark.parametrize(
    ("text", "traits"),
    [
        ("#[derive(Debug, std::hash::Hash)]\nstruct S;", {"Debug", "Hash"}),
        ("#[derive(Eq)]\n/// Said.\n#[derive(Ord)]\nstruct S;", {"Eq", "Ord"}),
        ("struct S; impl std::hash::Hash for S {}", {"Hash"}),
        ("struct S<'a>(&'a u8); impl<'a> Ord for S<'a> {}", {"Ord"}),
    ],
)
def test_traits_are_derived_or_implemented(text: str, traits: set[str]) -> None:
    assert traits <= _one(text).traits


def test_a_declaration_knows_its_place() -> None:
    found = declarations(
        "\n\npub struct A;\nmod m {\n    /// Said.\n    struct B;\n    mod n { const C: u8 = 1; }\n}\n"
    )
    assert {path: (each.line, each.module, each.name) for path, each in found.by_path.items()} == {
        "A": (3, "", "A"),
        "m::B": (6, "m", "B"),
        "m::n::C": (7, "m::n", "C"),
    }
    assert found.modules == {"m", "m::n"}
    assert [each.public for each in found.by_path.values()] == [True, False, False]


def test_constants_and_aliases_are_text() -> None:
    found = declarations("const N: usize = 2 + 1; type A = Vec<u8>; union U { x: u8 } trait T {}").by_path
    assert (found["N"].kind, found["N"].type, found["N"].value) == ("const", "usize", "2 + 1")
    assert (found["A"].kind, found["A"].type) == ("alias", "Vec<u8>")
    assert (found["U"].kind, found["T"].kind) == ("union", "trait")


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("use a::B;", [("B", "a::B")]),
        ("use a::B as C;", [("C", "a::B")]),
        ("use a::{self, B, c::{D, E as F}};",
         [("a", "a"), ("B", "a::B"), ("D", "a::c::D"), ("F", "a::c::E")]),
        ("use a::*;", [("*", "a")]),
        ("use a::{b::*, C};", [("*", "a::b"), ("C", "a::C")]),
        ("pub(crate) use super::a::B;", [("B", "super::a::B")]),
        ("use {a::B, c::D};", [("B", "a::B"), ("D", "c::D")]),
    ],
)  # fmt: skip
def test_a_use_binds_names(text: str, uses: list[tuple[str, str]]) -> None:
    expected = tuple(Use("", name, tuple(path.split("::"))) for name, path in uses)
    assert declarations(text).uses == expected


@pytest.mark.parametrize(
    "text", ["", "fn f() { struct S; }", "#[cfg(test)]\nmod tests { struct S; }", "struct", "}{"]
)
def test_what_is_no_item_of_the_file_declares_nothing(text: str) -> None:
    assert declarations(text).by_path == {}
