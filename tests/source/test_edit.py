from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.edit import append_function, blank_inner, reindent, replace_bodies
from pytest_symbiont.source.parse import declaration, find, functions

BEFORE = "// é\nuse std::fmt;\n\n/// First.\npub fn first(x: u8) -> u8 "
BETWEEN = '\n\nconst ODD: &str = "fn first() {}";  \n\nmod inner {\n    pub fn second() '
AFTER = "\n}\n\nfn third() { 3 }\n\n\n// the end"
FILE = BEFORE + "{\n    todo!()\n}" + BETWEEN + "{\n        todo!()\n    }" + AFTER

blocks = st.recursive(
    st.sampled_from(
        [
            "x",
            "let y = 'a';",
            '"}é{"',
            'r#"{\n  "}"#',
            "// }",
            "/* { /* } */ */",
            "f(&'a ())",
            "\tz",
            "@ (",
            "",
        ]
    ),
    lambda inner: st.lists(inner, max_size=4).map(lambda lines: "{\n" + "\n".join(lines) + "\n}"),
).map(lambda text: text if text.startswith("{") else f"{{\n    {text}\n}}")


@given(blocks, blocks)
def test_nothing_outside_the_bodies_changes(first: str, second: str) -> None:
    result = replace_bodies(FILE, {"first": first, "inner::second": second})
    assert result.startswith(BEFORE + "{")
    assert result.endswith("}" + AFTER)
    assert "}" + BETWEEN + "{" in result


@given(blocks)
def test_the_other_functions_stay(body: str) -> None:
    result = replace_bodies(FILE, {"inner::second": body})
    before, after = functions(FILE), functions(result)
    assert [(f.path, f.signature, f.doc) for f in before] == [(f.path, f.signature, f.doc) for f in after]
    assert [f.body for f in before if f.name != "second"] == [f.body for f in after if f.name != "second"]


@given(blocks)
def test_windows_files_keep_their_line_ends(body: str) -> None:
    result = replace_bodies(FILE.replace("\n", "\r\n"), {"first": body})
    assert not re.search(r"(?<!\r)\n", result)
    assert result.replace("\r\n", "\n") == replace_bodies(FILE, {"first": body})


@given(blocks)
def test_a_second_time_changes_nothing(body: str) -> None:
    once = replace_bodies(FILE, {"inner::second": body})
    again = replace_bodies(once, {"inner::second": body})
    assert once == again


def test_a_body_is_moved_to_its_function() -> None:
    body = '{\n  let s = "a\n  b";\n\n  if s {\n    1\n  }\n}'
    result = find(replace_bodies(FILE, {"inner::second": body}), "inner::second", file="x.rs").body
    assert result == '{\n      let s = "a\n  b";\n\n      if s {\n        1\n      }\n    }'


def test_crlf_bodies_in_unix_files() -> None:
    assert replace_bodies("fn f() {}\n", {"f": "{\r\n    1\r\n}"}) == "fn f() {\n    1\n}\n"


@pytest.mark.parametrize(
    "body", ["", "1", "{ 1", "{ 1 } }", "{ } {}", '{ " }', "{ /* }", "x { }", "{ } // x"]
)
def test_what_is_no_block_is_no_body(body: str) -> None:
    with pytest.raises(ValueError, match=r"^the new body of 'first' is not one block"):
        replace_bodies(FILE, {"first": body})


def test_an_unknown_function() -> None:
    with pytest.raises(SymbiontError, match="no function 'fist'"):
        replace_bodies(FILE, {"fist": "{}"})


@pytest.mark.parametrize(
    ("block", "indent", "result"),
    [
        ("{ 1 }", "    ", "{ 1 }"),
        ("{\n        1\n    }", "", "{\n    1\n}"),
        ("{\n1\n}", "    ", "{\n    1\n    }"),
        ("{\n\t\t1\n\t}", "", "{\n\t1\n}"),
        ("{\n    1\n  \n    2\n}", "  ", "{\n      1\n\n      2\n  }"),
        (
            '{\n    let s = "\n x\n    ";\n    s\n}',
            "    ",
            '{\n        let s = "\n x\n    ";\n        s\n    }',
        ),
        ('{\n    r#"\n" \\\n"#\n}', "  ", '{\n      r#"\n" \\\n"#\n  }'),
        ("{\n    /* a\n       b */\n    '\"'\n}", " ", "{\n     /* a\n        b */\n     '\"'\n }"),
    ],
)
def test_reindent(block: str, indent: str, result: str) -> None:
    assert reindent(block, indent) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", "/// Half.\n///\n/// Rounds down.\npub fn half(x: u8) -> u8 {\n    todo!()\n}\n"),
        ("fn a() {}\n", "fn a() {}\n\n/// Half."),
        ("fn a() {}", "fn a() {}\n\n/// Half."),
        ("fn a() {}\n\n", "fn a() {}\n\n/// Half."),
        ("fn a() {}\r\n", "fn a() {}\r\n\r\n/// Half.\r\n///\r\n"),
        ("\ufeff", "\ufeff/// Half."),
    ],
)
def test_append_function(text: str, result: str) -> None:
    half = declaration("/// Half.\n///\n/// Rounds down.\nfn half(x: u8) -> u8")
    appended = append_function(text, half)
    assert appended.startswith(result)
    found = find(appended, "half", file="x.rs")
    assert (found.signature, found.doc, found.parameters) == (half.signature, half.doc, half.parameters)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("fn f() {}\n", "fn f() {}\n"),
        ("//! Hi\nfn f() {}", "      \nfn f() {}"),
        ("#!/bin/x\r\n//! Hi\r\nfn f() {}", "        \r\n      \r\nfn f() {}"),
        ("#![allow(\n  x)] // y\nfn f() {}", "         \n      // y\nfn f() {}"),
        ('#![doc = "]"]\nuse x;', "             \nuse x;"),
        ("// a\n/*! b\n c */ /* d */\nuse x;", "// a\n     \n      /* d */\nuse x;"),
        ("\ufeff//! Hi\nuse x;", "      \nuse x;"),
        ("\ufeff#!/bin/x\nuse x;", "        \nuse x;"),
        ("/// Own\n//! not first\nfn f() {}", "/// Own\n//! not first\nfn f() {}"),
        ("use x;\n//! late\n#![late]", "use x;\n//! late\n#![late]"),
        ("//// no doc\n/*** none */ /**/\n//! é\nuse x;", "//// no doc\n/*** none */ /**/\n     \nuse x;"),
        ("#![open", "#![open"),
    ],
)
def test_blank_inner(text: str, result: str) -> None:
    assert blank_inner(text) == result


@given(st.text(alphabet='#![]/*! \n\r"abé\ufeff{}', max_size=60))
def test_blanking_keeps_lines_and_columns(text: str) -> None:
    result = blank_inner(text)
    kept = text.removeprefix("\ufeff")
    assert (
        len(result) in {len(kept), len(kept) - 1} if kept.startswith("\ufeff") else len(result) == len(kept)
    )
    assert [line for line in result if line in "\r\n"] == [line for line in text if line in "\r\n"]
    assert all(new in {old, " "} for new, old in zip(result, kept, strict=False))
