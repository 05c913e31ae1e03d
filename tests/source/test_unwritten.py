"""Bodies that are not written yet get a type where only they could tell it."""

from __future__ import annotations

import pytest

from pytest_symbiont.source.unwritten import with_types


@pytest.mark.parametrize(
    ("signature", "boxed"),
    [
        ("fn f() -> impl Iterator<Item = u8>", "dyn Iterator<Item = u8> "),
        ("fn f<'a>(x: &'a str) -> impl Iterator<Item = char> + 'a", "dyn Iterator<Item = char> + 'a"),
        ("fn f<T>() -> impl Fn(i64) -> i64 + use<T>", "dyn Fn(i64) -> i64 "),
    ],
)
def test_what_only_a_body_tells_is_told(signature: str, boxed: str) -> None:
    for stub in ("todo!()", 'unimplemented!("é")'):
        text = f"// é\npub {signature} {{\n    {stub}\n}}\nfn g() {{ todo!() }}\n"
        told = with_types(text)
        assert f"{{\n    let unwritten: ::std::boxed::Box<{boxed}> = {stub}; unwritten\n}}" in told
        assert told.endswith("fn g() { todo!() }\n")
        assert told.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "fn f() -> impl Iterator<Item = u8> { 0..3 }",
        "fn f() -> impl Iterator<Item = u8> + Clone { todo!() }",
        "fn f(x: impl Fn()) -> u8 { todo!() }",
        "fn f() -> impl Display { todo!() }",
    ],
)
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert with_types(text) == text
