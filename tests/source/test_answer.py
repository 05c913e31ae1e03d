from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont.source.answer import NoCandidate, take
from pytest_symbiont.source.edit import replace_bodies
from pytest_symbiont.source.parse import declaration, find, functions

GCD = declaration("fn gcd(a: u64, b: u64) -> u64")
LCM = declaration("fn lcm(a: u64, b: u64) -> u64")
SORT = declaration("fn sort(xs: &mut [i64])")

BODY = "{\n    if b == 0 { a } else { gcd(b, a % b) }\n}"
WHOLE = f"pub fn gcd(a: u64, b: u64) -> u64 {BODY}"
CONTEXT_OF_GCD = "pub fn gcd(a: u64, b: u64) -> u64 {\n    todo!()\n}\n"
FENCED = f"```rust\n{WHOLE}\n```"

HOW_IT_IS_SENT = {
    "fence": FENCED,
    "prose around": f"Sure! Here's \"it\" (you're welcome:\n\n{FENCED}\n\nIt doesn't \"loop.",
    "no fence": WHOLE,
    "no fence, prose around": f"Here's Euclid's algorithm:\n\n{WHOLE}\n\nIt's O(log n), isn't it?",
    "no info string": f"```\n{WHOLE}\n```",
    "info Rust": f"``` Rust\n{WHOLE}\n```",
    "info rs": f"```rs\n{WHOLE}\n```",
    "info rust with attributes": f"```rust,no_run\n{WHOLE}\n```",
    "info path": f"```src/gcd.rs\n{WHOLE}\n```",
    "info other": f"```text\n{WHOLE}\n```",
    "tildes": f"~~~rust\n{WHOLE}\n~~~",
    "four backticks": f"````rust\n{WHOLE}\n````",
    "fence in a fence": f"````markdown\nHi\n{FENCED}\n````",
    "indented in a list": "1. So:\n\n   " + FENCED.replace("\n", "\n   ") + "\n2. Done.",
    "unclosed fence": f"```rust\n{WHOLE}\n",
    "closing fence glued on": f"```rust\n{WHOLE}```\nThat's it.",
    "opening fence behind prose": f"Like this: ```rust\n{WHOLE}\n```\n",
    "all on one line": f"```rust {WHOLE}```",
    "inline code": f"Use `{WHOLE}`.",
    "byte order mark": f"\ufeff{FENCED}",
    "thoughts": f"<think>\n```rust\nfn gcd(a: u64, b: u64) -> u64 {{ 0 }}\n```\n</think>\n{FENCED}",
    "end of thoughts only": f"fn gcd(a: u64, b: u64) -> u64 {{ 0 }}, hm.\n</think>\n\n{FENCED}",
    "thoughts inside code": f"{FENCED}\n<thinking>\nIs it right?\n</thinking>",
    "body alone": f"```rust\n{BODY[2:-2]}\n```",
    "body alone in braces": f"```rust\n{BODY}\n```",
    "body alone without fence": BODY[6:-2],
    "last block wins": f"```rust\nfn gcd(a: u64, b: u64) -> u64 {{ 0 }}\n```\nNo, wait:\n{FENCED}",
    "last complete block wins": f"{FENCED}\nOr:\n```rust\nfn gcd(a: u64, b: u64) -> u64 {{ a +",
    "last definition in a block wins": f"```rust\nfn gcd(a: u64, b: u64) -> u64 {{ 0 }}\n\n{WHOLE}\n```",
    "example of use behind": f"{FENCED}\nUse it:\n```rust\nassert_eq!(gcd(4, 6), 2);\n```",
    "example of use, body alone": f"```rust\n{BODY}\n```\n```rust\nlet d = gcd(4, 6);\n```",
    "shell block behind": f"{FENCED}\n```sh\ncargo test\n```",
    "main": f'```rust\n{WHOLE}\n\nfn main() {{\n    println!("{{}}", gcd(4, 6));\n}}\n```',
    "tests": f"```rust\n{WHOLE}\n#[cfg(test)]\nmod tests {{\n    use super::*;\n    fn t() {{}}\n}}\n```",
    "a test": f"```rust\n{WHOLE}\n#[test]\nfn works() {{ assert_eq!(gcd(4, 6), 2) }}\n```",
    "doc comment": f"```rust\n/// Euclid's.\n///\n/// ```\n/// gcd(4, 6);\n/// ```\n{WHOLE}\n```",
    "attributes": f"```rust\n#[inline]\n#[unsafe(no_mangle)]\n{WHOLE}\n```",
    "inner attributes": f"```rust\n#![allow(dead_code)]\n//! Numbers.\n{WHOLE}\n```",
    "private": f"```rust\n{WHOLE.removeprefix('pub ')}\n```",
    "crate visibility": f"```rust\n{WHOLE.replace('pub', 'pub(crate)')}\n```",
    "extern C": f"```rust\n{WHOLE.replace('pub', 'pub extern')}\n```",
    "changed types": f"```rust\n{WHOLE.replace('u64', 'u32')}\n```",
    "generic": f"```rust\n{WHOLE.replace('gcd(a', 'gcd<T>(a').replace('u64', 'T')}\n```",
    "signature over lines": f"```rust\npub fn gcd(\n    a: u64,\n    b: u64,\n) -> u64 {BODY}\n```",
    "brace on its own line": f"```rust\nfn gcd(a: u64, b: u64) -> u64\n{BODY}\n```",
    "impl around": f"```rust\nstruct Solution;\n\nimpl Solution {{\n{WHOLE}\n}}\n```",
    "mod around": f"```rust\nmod numbers {{\n    use super::*;\n{WHOLE}\n}}\npub use numbers::gcd;\n```",
    "idle helper": f"```rust\nfn idle() {{}}\n{WHOLE}\n```",
    "renamed": f"```rust\n{WHOLE.replace('gcd', 'euclid')}\n```",
    "windows": FENCED.replace("\n", "\r\n"),
    "language in the code": f"```\nrust\n{WHOLE}\n```",
    "language in the code, body alone": f"```\nrust\n{BODY}\n```",
    "diff of the file": "```diff\n--- a/gcd.rs\n+++ b/gcd.rs\n@@ -1,3 +1,3 @@\n"
    " pub fn gcd(a: u64, b: u64) -> u64 {\n-    todo!()\n"
    "+    if b == 0 { a } else { gcd(b, a % b) }\n }\n```",
    "diff without headers": "```diff\n-    todo!()\n+    if b == 0 { a } else { gcd(b, a % b) }\n```",
    "diff in a rust fence": "```rust\n pub fn gcd(a: u64, b: u64) -> u64 {\n-    todo!()\n"
    "+    if b == 0 { a } else { gcd(b, a % b) }\n }\n```",
    "diff without fence": "--- gcd.rs\n+++ gcd.rs\n@@ @@\n"
    " pub fn gcd(a: u64, b: u64) -> u64 {\n-    todo!()\n"
    "+    if b == 0 { a } else { gcd(b, a % b) }\n }",
    "diff of all lines": "```diff\n" + "".join(f"+{line}\n" for line in WHOLE.split("\n")) + "```",
    "diff that changes nothing": "```diff\n@@ -1 +1 @@\n-pub fn gcd(a: u64, b: u64) -> u64 {\n"
    "+pub fn gcd(a: u64, b: u64) -> u64 {\n     if b == 0 { a } else { gcd(b, a % b) }\n }\n```",
    "diff of something else": "```diff\n-old\n" + "".join(f"+{line}\n" for line in WHOLE.split("\n")) + "```",
    "diff, and the whole": f"```diff\n-    todo!()\n+    0\n```\nSo it is:\n{FENCED}",
    "code in a diff fence": FENCED.replace("rust", "diff"),
    "search and replace": "gcd.rs\n```rust\n<<<<<<< SEARCH\n    todo!()\n=======\n"
    "    if b == 0 { a } else { gcd(b, a % b) }\n>>>>>>> REPLACE\n```",
    "search and replace, other layout": "<<<<<<< SEARCH\ntodo!( )\n=======\n"
    "    if b == 0 { a } else { gcd(b, a % b) }\n>>>>>>> REPLACE",
    "search for something else": f"<<<<<<< SEARCH\nfn gcd() {{\n=======\n{WHOLE}\n>>>>>>> REPLACE",
    "nothing to search": f"<<<<<<< SEARCH\n=======\n{WHOLE}\n>>>>>>> REPLACE",
    "entities": FENCED.replace("u64 {", "u64 {").replace("->", "-&gt;"),
    "code tags": f'<pre><code class="language-rust">{WHOLE}</code></pre>',
    "code tags and entities": "<p>So:</p><code>" + WHOLE.replace("->", "-&gt;") + "</code>",
    "a span a line": "<pre>" + "\n".join(f"<span>{line}</span>" for line in WHOLE.split("\n")) + "</pre>",
    "xml of a tool call": f"<function=write>\n<parameter=content>\n{WHOLE}\n</parameter>\n</function>",
    "artifact": f'<artifact type="code">{WHOLE}</artifact>',
    "JSON": json.dumps({"code": WHOLE}),
    "JSON in a fence": f"```json\n{json.dumps({'path': 'gcd.rs', 'content': WHOLE}, indent=1)}\n```",
    "JSON with the fence inside": json.dumps({"answer": f"Here:\n{FENCED}"}),
    "JSON with real line ends": f'{{"code": "{WHOLE}"}}',
    "JSON with lines that go on": json.dumps({"code": WHOLE}).replace("\\n", "\\n\\\n"),
    "JSON with a comma too much": json.dumps({"code": WHOLE})[:-1] + ",}",
    "JSON of the body": json.dumps({"body": BODY}),
    "JSON string": json.dumps(FENCED),
    "JSON twice": json.dumps(json.dumps({"code": WHOLE})),
    "tool call": "<tool_call>\n"
    + json.dumps({"name": "write_file", "arguments": {"path": "gcd.rs", "content": WHOLE}})
    + "\n</tool_call>",
    "escapes": WHOLE.replace("\n", "\\n"),
    "escapes in a fence": f"```rust\n{WHOLE}\n```".replace("\n", "\\n"),
    "end of turn": f"{FENCED}<|im_end|>",
    "end of turn, no fence": f"{WHOLE}</s>",
    "goes on as the user": f"{FENCED}<|im_end|>\n<|im_start|>user\nAnd 0?<|im_end|>\n```rust\n{WHOLE[:-9]}",
    "begin of turn": f"<|im_start|>assistant\n{FENCED}",
    "channels": "<|channel|>analysis<|message|>fn gcd(a: u64, b: u64) -> u64 { 0 }<|end|><|start|>assistant"
    f"<|channel|>final<|message|>{FENCED}<|return|>",
    "thoughts in brackets": f"[THINK]fn gcd(a: u64, b: u64) -> u64 {{ 0 }}[/THINK]\n{FENCED}",
    "quoted": "> " + FENCED.replace("\n", "\n> "),
    "numbered lines": "```rust\n"
    + "\n".join(f"{number:2} | {line}" for number, line in enumerate(WHOLE.split("\n"), 1))
    + "\n```",
    "a stub behind": f"{FENCED}\n```rust\n{GCD.signature} {{\n    // as above\n    todo!()\n}}\n```",
    "an empty one behind": f"{FENCED}\n```rust\n{GCD.signature} {{ /* … */ }}\nfn main() {{}}\n```",
    "again and again": f"{FENCED}\n" * 40,
    "changed name and pub": FENCED.replace("pub fn gcd(a", "fn compute_gcd(a"),
    "lifetimes": FENCED.replace("gcd(a", "gcd<'a>(a"),
    "const fn": FENCED.replace("pub fn", "pub const fn"),
}


@pytest.mark.parametrize("answer", HOW_IT_IS_SENT.values(), ids=HOW_IT_IS_SENT)
def test_the_body_is_found_however_it_is_sent(answer: str) -> None:
    assert take(answer, [GCD], context=CONTEXT_OF_GCD).bodies == {"gcd": BODY}


# What the code of an answer is, and the body that comes of it; each begins and ends with a line break.
WHAT_IS_SENT = {
    "renamed parameters": (
        """
fn gcd(x: u64, y: u64) -> u64 {
    x % y
}
""",
        """
{
    let x = a;
    let y = b;
    x % y
}
""",
    ),
    "swapped names": (
        """
fn gcd(b: u64, a: u64) -> u64 {
    a - b
}
""",
        """
{
    let (b, a) = (a, b);
    a - b
}
""",
    ),
    "mut": (
        """
fn gcd(mut a: u64, mut b: u64) -> u64 {
    a += 1;
    b
}
""",
        """
{
    let mut a = a;
    let mut b = b;
    a += 1;
    b
}
""",
    ),
    "renamed and mut": (
        """
fn gcd(mut x: u64, b: u64) -> u64 {
    x += b;
    x
}
""",
        """
{
    let mut x = a;
    x += b;
    x
}
""",
    ),
    "unused new name": (
        """
fn gcd(a: u64, _b: u64) -> u64 { a }
""",
        """
{ a }
""",
    ),
    "more parameters": (
        """
fn gcd(mut a: u64, b: u64, d: u8) -> u64 { a }
""",
        """
{
    let mut a = a;
    a
}
""",
    ),
    "one line with a helper": (
        """
fn half(x: u64) -> u64 { x / 2 }
fn gcd(a: u64, b: u64) -> u64 { half(a) }
""",
        """
{
    fn half(x: u64) -> u64 { x / 2 }

    half(a)
}
""",
    ),
    "use, const, struct, impl": (
        """
use std::mem;
use std::fmt::Write;

/// Most.
const MOST: u64 = 9;
#[derive(Clone)]
struct P(u64);
impl P {
    fn new() -> P { P(MOST) }
}
fn gcd(a: u64, b: u64) -> u64 {
    P::new().0
}
""",
        """
{
    use std::mem;
    use std::fmt::Write;

    /// Most.
    const MOST: u64 = 9;

    #[derive(Clone)]
    struct P(u64);

    impl P {
        fn new() -> P { P(MOST) }
    }

    P::new().0
}
""",
    ),
    "trait by its method": (
        """
trait Twice { fn twice(self) -> u64; }
impl Twice for u64 { fn twice(self) -> u64 { self * 2 } }
fn gcd(a: u64, b: u64) -> u64 {
    a.twice()
}
""",
        """
{
    trait Twice { fn twice(self) -> u64; }
    impl Twice for u64 { fn twice(self) -> u64 { self * 2 } }

    a.twice()
}
""",
    ),
    "const in a format string": (
        """
const K: u8 = 1;
fn gcd(a: u64, b: u64) -> u64 {
    format!("{K}").len() as u64
}
""",
        """
{
    const K: u8 = 1;

    format!("{K}").len() as u64
}
""",
    ),
    "helpers of helpers": (
        """
fn gcd(a: u64, b: u64) -> u64 {
    one(a)
}
fn one(x: u64) -> u64 {
    two(x)
}
fn two(x: u64) -> u64 {
    x
}
""",
        """
{
    fn one(x: u64) -> u64 {
        two(x)
    }

    fn two(x: u64) -> u64 {
        x
    }

    one(a)
}
""",
    ),
    "helper and new names": (
        """
fn half(x: u64) -> u64 { x / 2 }
fn gcd(x: u64, b: u64) -> u64 {
    half(x)
}
""",
        """
{
    fn half(x: u64) -> u64 { x / 2 }

    let x = a;
    half(x)
}
""",
    ),
    "impl with helpers": (
        """
struct S;
impl S {
    pub fn gcd(a: u64, b: u64) -> u64 {
        if b == 0 {
            return S::half(a);
        }
        Self::gcd(b, a)
    }

    fn half(x: u64) -> u64 {
        x
    }
}
""",
        """
{
    fn half(x: u64) -> u64 {
        x
    }

    if b == 0 {
        return half(a);
    }
    gcd(b, a)
}
""",
    ),
    "renamed and recursive": (
        """
fn euclid(x: u64, b: u64) -> u64 {
    euclid(b, x.euclid())
}
""",
        """
{
    let x = a;
    gcd(b, x.euclid())
}
""",
    ),
    "multi-line string": (
        """
    fn gcd(a: u64, b: u64) -> u64 {
        let s = "
  x
";
        1
    }
""",
        """
{
    let s = "
  x
";
    1
}
""",
    ),
    "does not parse inside": (
        """
fn gcd(a: u64, b: u64) -> u64 {
    let x = (a;
    x
}
""",
        """
{
    let x = (a;
    x
}
""",
    ),
    "body with its own helper": (
        """
fn half(x: u64) -> u64 { x / 2 }
half(a) + half(b)
""",
        """
{
    fn half(x: u64) -> u64 { x / 2 }
    half(a) + half(b)
}
""",
    ),
    "umlauts": (
        """
// für
const Ä: &str = "ß";
fn gcd(a: u64, b: u64) -> u64 {
    // ö
    Ä.len() as u64
}
""",
        """
{
    const Ä: &str = "ß";

    // ö
    Ä.len() as u64
}
""",
    ),
}


@pytest.mark.parametrize(("code", "body"), WHAT_IS_SENT.values(), ids=WHAT_IS_SENT)
def test_the_body_gets_what_it_needs(code: str, body: str) -> None:
    assert take(f"```rust{code}```", [GCD]).bodies == {"gcd": body.strip("\n")}


def test_patterns_are_bound_to_declared_names() -> None:
    function = declaration("fn f(p: (u8, u8), (x, y): (u8, u8), _: u8) -> u8")
    candidate = take("fn f((a, b): (u8, u8), q: (u8, u8), n: u8) -> u8 {\n    a + q.0 + n\n}", [function])
    assert candidate.bodies == {"f": "{\n    let (a, b) = p;\n    let q = (x, y);\n    a + q.0 + n\n}"}
    assert "not bound in `f`, whose declaration has no name for it: n" in candidate.notes


def test_a_body_alone_that_returns_nothing() -> None:
    assert take("```rust\nxs.sort();\n```", [SORT]).bodies == {"sort": "{\n    xs.sort();\n}"}


def test_helpers_from_another_block() -> None:
    blocks = [
        "fn half(x: u64) -> u64 { x / 2 }",
        "fn gcd(a: u64, b: u64) -> u64 { half(a) }",
        "use gcd::gcd;\nfn idle() {}\nfn main() { gcd(1, 2); }",
    ]
    answer = "\n".join(f"```rust\n{block}\n```" for block in blocks)
    assert take(answer, [GCD]).bodies == {"gcd": "{\n    fn half(x: u64) -> u64 { x / 2 }\n\n    half(a)\n}"}


# Signatures that are not the declared one: declared, answered, the body that comes of it.
OTHER_SIGNATURES = {
    "type parameter in the body": (
        "fn first(a: u64, b: u64) -> u64",
        "pub fn first<T: Copy>(a: T, b: T) -> T {\n    let x: T = a;\n    x\n}",
        """
{
    fn first<T: Copy>(a: T, b: T) -> T {
        let x: T = a;
        x
    }

    first(a, b)
}
""",
    ),
    "type parameter, other names, a helper": (
        "fn total(xs: &[i64]) -> i64",
        "use std::iter::Sum;\nfn total<T: Copy + Sum<T>>(items: &[T]) -> T { items.iter().sum::<T>() }",
        """
{
    use std::iter::Sum;
    fn total<T: Copy + Sum<T>>(items: &[T]) -> T { items.iter().sum::<T>() }

    total(xs)
}
""",
    ),
    "&str for &String": (
        "fn is_yes(text: &String) -> bool",
        'fn is_yes(s: &str) -> bool { matches!(s, "yes") }',
        """
{
    fn is_yes(s: &str) -> bool { matches!(s, "yes") }

    is_yes(text)
}
""",
    ),
    "a vector for a slice": (
        "fn last(xs: &[i64]) -> i64",
        "fn last(mut xs: Vec<i64>) -> i64 { xs.pop().unwrap() }",
        """
{
    fn last(mut xs: Vec<i64>) -> i64 { xs.pop().unwrap() }

    last(xs.to_vec())
}
""",
    ),
    "borrowed for owned": (
        "fn shout(text: String) -> String",
        "fn shout(text: &str) -> &str { text }",
        """
{
    fn shout(text: &str) -> &str { text }

    shout(&text).to_string()
}
""",
    ),
    "a slice for a vector, both &mut": (
        "fn sort(xs: &mut Vec<i64>)",
        "fn sort(xs: &mut [i64]) { xs.reverse() }",
        """
{
    fn sort(xs: &mut [i64]) { xs.reverse() }

    sort(xs)
}
""",
    ),
    "a reference to a scalar": (
        "fn half(x: u64) -> u64",
        "fn half(x: &u64) -> u64 { *x / 2 }",
        """
{
    fn half(x: &u64) -> u64 { *x / 2 }

    half(&x)
}
""",
    ),
    "a wider number": (
        "fn half(x: u32) -> u32",
        "fn half(x: usize) -> usize { x / 2 }",
        """
{
    fn half(x: usize) -> usize { x / 2 }

    half(x as usize).try_into().unwrap()
}
""",
    ),
    "a count as another number": (
        "fn length(text: &str) -> i64",
        "fn length(text: &str) -> u32 { text.len() as u32 }",
        """
{
    fn length(text: &str) -> u32 { text.len() as u32 }

    length(text) as i64
}
""",
    ),
    "what cannot become the other stays": (
        "fn sort(xs: &mut [i64])",
        "fn sort(xs: &mut Vec<i64>) { xs.sort() }",
        "\n{ xs.sort() }\n",
    ),
    "another number type stays declared": (
        "fn half(x: u64) -> u64",
        "fn half(x: u32) -> u32 { x / 2 }",
        "\n{ x / 2 }\n",
    ),
}


@pytest.mark.parametrize(("declared", "code", "body"), OTHER_SIGNATURES.values(), ids=OTHER_SIGNATURES)
def test_a_signature_of_its_own_stays_with_its_function(declared: str, code: str, body: str) -> None:
    function = declaration(declared)
    candidate = take(f"```rust\n{code}\n```", [function])
    assert candidate.bodies == {function.name: body.strip("\n")}
    nested = any(note.startswith("the answer's own `") for note in candidate.notes)
    assert nested == ("fn " in body)


CONTEXT = """\
use std::collections::HashMap;

struct Point(u8);

fn half(x: u8) -> u8 { x / 2 }

pub fn work(x: u8) -> u8 { todo!() }

mod inner {
    use super::half;

    pub fn work(x: u8) -> u8 {
        todo!()
    }

    fn near() {}
}
"""


def test_items_of_the_file_are_not_taken_again() -> None:
    work = find(CONTEXT, "work", file="x.rs")
    answer = CONTEXT.replace("{ todo!() }", "{ half(x) + extra() }") + "fn extra() -> u8 { 1 }\n"
    candidate = take(answer, [work], context=CONTEXT)
    assert candidate.bodies == {"work": "{\n    fn extra() -> u8 { 1 }\n\n    half(x) + extra()\n}"}
    assert any(note.startswith("left out because the file has its own: `use std") for note in candidate.notes)


def test_the_path_decides_between_functions_of_one_name() -> None:
    work = find(CONTEXT, "inner::work", file="x.rs")
    answer = CONTEXT.replace("        todo!()", "        near(); x")
    assert take(answer, [work], context=CONTEXT).bodies == {"inner::work": "{\n    near(); x\n}"}
    with pytest.raises(NoCandidate, match="in `mod inner`"):
        take("fn work(x: u8) -> u8 { x }", [work], context=CONTEXT)


def test_a_function_of_a_module_may_come_without_it() -> None:
    context = CONTEXT.replace("pub fn work(x: u8) -> u8 { todo!() }", "")
    work = find(context, "inner::work", file="x.rs")
    assert take("fn work(x: u8) -> u8 { x }", [work], context=context).bodies == {"inner::work": "{ x }"}


def test_several_functions_and_helpers_where_they_are_used() -> None:
    answer = """```rust
fn gcd(a: u64, b: u64) -> u64 { both(a) }
fn lcm(a: u64, b: u64) -> u64 { both(b) + only() }
fn both(x: u64) -> u64 { x }
fn only() -> u64 { 1 }
```"""
    assert take(answer, [GCD, LCM]).bodies == {
        "gcd": "{\n    fn both(x: u64) -> u64 { x }\n\n    both(a)\n}",
        "lcm": "{\n    fn both(x: u64) -> u64 { x }\n    fn only() -> u64 { 1 }\n\n    both(b) + only()\n}",
    }


def test_several_functions_in_several_blocks() -> None:
    answer = f"{FENCED}\n```rust\nfn lcm(a: u64, b: u64) -> u64 {{ a / gcd(a, b) * b }}\n```"
    assert take(answer, [GCD, LCM]).bodies == {"gcd": BODY, "lcm": "{ a / gcd(a, b) * b }"}


DEEP = "fn gcd(a: u64, b: u64) -> u64 { " + "(" * 64 + "a" + ")" * 64 + " }"
NO_CANDIDATES = {
    "nothing": ("", "no text"),
    "only thoughts": ("<think>\nfn gcd(a: u64, b: u64) -> u64 { 1 }", "nothing but thoughts"),
    "prose": ("I am sorry, I cannot do that.", "does not define `pub fn gcd(a: u64, b: u64) -> u64`"),
    "one word": ("Sure", "does not define"),
    "one word in a fence": ("```\nDone;\n```", "does not define"),
    "signature alone": ("```rust\nfn gcd(a: u64, b: u64) -> u64;\n```", "does not define"),
    "another language": ("```python\ndef gcd(a, b):\n    return a\n```", "does not define"),
    "body in another language": ("```js\na + b\n```", "does not define"),
    "example of use": ("```rust\nlet d = gcd(4, 6);\nassert_eq!(d, 2);\n```", "does not define"),
    "only tests": ("```rust\n#[test]\nfn gcd() {}\n```", "does not define"),
    "a refusal": ("I can't help with that request.", "does not define"),
    "runs away": ("```rust\nfn gcd(a: u64, b: u64) -> u64 {\n" + "    let x = a;\n" * 80, "repeats itself"),
    "runs away in prose": ("I will now do it. " * 60, "repeats itself"),
    "an edit of something else": (
        "<<<<<<< SEARCH\n    nowhere()\n=======\n    a\n>>>>>>> REPLACE",
        "an edit of lines that are not in the code that was shown",
    ),
    "renamed, other parameters": ("fn euclid(a: u64) -> u64 { a }", "but `euclid`"),
    "renamed, which one": ("fn x(a: u8, b: u8) {}\nfn y(a: u8, b: u8) {}", "but `x`, `y`"),
    "cut off": ("```rust\nfn gcd(a: u64, b: u64) -> u64 {\n    if a {", "`gcd` does not parse to its end"),
    "cut off in a string": ('fn gcd(a: u64, b: u64) -> u64 { "', "`gcd` does not parse to its end"),
    "cut off in a helper": ("fn gcd(a: u64, b: u64) -> u64 { h(a) }\nfn h(a: u64) { a +", "`h`, which `gcd`"),
    "broken signature": ("```rust\nfn gcd(a u64, b u64) -> u64 { 1 }\n```", "`gcd` does not parse"),
    "NUL": ("fn gcd(a: u64, b: u64) -> u64 { 1 }\0", "NUL"),
    "surrogate": ("fn gcd(a: u64, b: u64) -> u64 { 1 }\ud800", "surrogate"),
    "too long": (WHOLE + " " * (256 * 1024), "bytes"),
    "too deep": (DEEP, "more than 64 deep"),
    "too deep in a fence": (f"```rust\n{DEEP}\n```", "more than 64 deep"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "reason"), NO_CANDIDATES.values(), ids=NO_CANDIDATES)
def test_no_candidate_and_why(answer: str, reason: str) -> None:
    with pytest.raises(NoCandidate) as caught:
        take(answer, [GCD])
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason


def test_where_an_answer_breaks_off_is_shown() -> None:
    with pytest.raises(NoCandidate) as caught:
        take("Here:\n```rust\nfn gcd(a: u64, b: u64) -> u64 {\n    if a {", [GCD])
    assert caught.value.place == "line 2, column 10: this is never closed\n2 |     if a {\n  |          ^"
    with pytest.raises(NoCandidate) as caught:
        take('```rust\nfn gcd(a: u64, b: u64) -> u64 {\n\tlet ä = "b;\n}', [GCD])
    assert caught.value.place == 'line 2, column 10: this is never closed\n2 |  let ä = "b;\n  |          ^'


def test_a_bracket_of_the_wrong_kind_is_shown() -> None:
    with pytest.raises(NoCandidate) as caught:
        take("fn gcd(a: u64, b: u64) -> u64 {\n    if a { (b }\n", [GCD])
    assert caught.value.place == (
        "line 2, column 15: this does not close the `(` before it\n2 |     if a { (b }\n  |               ^"
    )


@pytest.mark.parametrize(
    ("comment", "is_gap"),
    [
        ("// ... existing code ...", True),
        ("// ...", True),
        ("// … rest of the function …", True),
        ("/* existing code */", True),
        ("// (rest of the code unchanged)", True),
        ("// Rest of the implementation goes here", True),
        ("// the rest is a remainder", False),
        ("// existing entries are kept", False),
        ("// and so on ... until 0", False),
        ("// 1, 2, ...", False),
    ],
)
def test_comments_in_place_of_code_are_told(comment: str, is_gap: bool) -> None:
    body = f"{{\n    {comment}\n    a\n}}"
    candidate = take(f"fn gcd(a: u64, b: u64) -> u64 {body}", [GCD])
    assert candidate.bodies == {"gcd": body}
    assert candidate.gaps == ((comment,) if is_gap else ())


def test_an_edit_is_made_in_the_code_that_was_shown_last() -> None:
    shown = "fn gcd(a: u64, b: u64) -> u64 {\n    let c = a;\n    c\n}"
    edit = "<<<<<<< SEARCH\n    c\n=======\n    c % b\n>>>>>>> REPLACE\n"
    candidate = take(edit, [GCD], context=CONTEXT_OF_GCD, shown=[shown])
    assert candidate.bodies == {"gcd": "{\n    let c = a;\n    c % b\n}"}
    assert candidate.notes == ("the edit made in the code that was shown",)


def test_missing_functions_are_named() -> None:
    with pytest.raises(NoCandidate) as caught:
        take(FENCED, [GCD, LCM])
    assert "does not define `pub fn lcm(a: u64, b: u64) -> u64` but `gcd`" in caught.value.reason


CHANGED_SIGNATURE = (
    "the signature of `gcd` became `pub fn gcd(a: u32, b: u32) -> u32` in the answer; the declared one stays"
)


def test_the_deepest_that_is_taken() -> None:
    body = DEEP.replace("((", "(", 1).replace("))", ")", 1).removeprefix("fn gcd(a: u64, b: u64) -> u64 ")
    assert take(f"fn gcd(a: u64, b: u64) -> u64 {body}", [GCD]).bodies == {"gcd": body}


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (HOW_IT_IS_SENT["windows"], "line ends made LF"),
        (HOW_IT_IS_SENT["thoughts"], "thoughts left out"),
        (HOW_IT_IS_SENT["body alone"], "the answer was the body alone"),
        (HOW_IT_IS_SENT["renamed"], "`euclid` taken as `gcd`"),
        (HOW_IT_IS_SENT["attributes"], "attributes of `gcd` left out: #[inline], #[unsafe(no_mangle)]"),
        (HOW_IT_IS_SENT["impl around"], "`impl Solution` around `gcd` left out"),
        (HOW_IT_IS_SENT["mod around"], "module `numbers` around `gcd` left out"),
        (HOW_IT_IS_SENT["main"], "left out: `main`"),
        (HOW_IT_IS_SENT["tests"], "left out: `tests`"),
        (HOW_IT_IS_SENT["idle helper"], "left out because nothing uses it: `idle`"),
        (
            HOW_IT_IS_SENT["changed types"],
            CHANGED_SIGNATURE,
        ),
        (WHAT_IS_SENT["one line with a helper"][0], "nested inside the body: `half`"),
        (WHAT_IS_SENT["renamed and mut"][0], "bound at the top of `gcd`: `let mut x = a;`"),
    ],
)  # fmt: skip
def test_what_was_done_is_noted(answer: str, note: str) -> None:
    assert note in take(answer, [GCD]).notes


def test_nothing_is_noted_where_nothing_was_done() -> None:
    assert take(FENCED, [GCD]).notes == ()


prose = st.text(alphabet="Ab c.,'\"():!?-é\n", max_size=60).map(lambda text: f"{text}\n\n")
fences = st.sampled_from(["```", "````", "~~~", "~~~~~"])
infos = st.sampled_from(["", "rust", "Rust", "rs", "rust,ignore", "src/lib.rs"])
codes = st.sampled_from([code.strip("\n") for code, _ in WHAT_IS_SENT.values()] + [WHOLE])


@given(codes, prose, prose, fences, infos, st.booleans(), st.booleans())
def test_packing_changes_nothing(
    code: str, before: str, after: str, fence: str, info: str, closed: bool, windows: bool
) -> None:
    answer = f"{before}{fence}{info}\n{code}\n" + (f"{fence}\n{after}" if closed else "")
    packed = answer.replace("\n", "\r\n") if windows else answer
    assert take(packed, [GCD]).bodies == take(f"```rust\n{code}\n```", [GCD]).bodies


@given(codes)
def test_what_is_taken_fits_into_the_file(code: str) -> None:
    text = f"const X: u8 = 1;\n\n{GCD.signature} {{ todo!() }}\n\nfn after() {{}}\n"
    result = replace_bodies(text, take(code, [GCD]).bodies)
    assert [f.path for f in functions(result)] == ["gcd", "after"]
    assert result.startswith(f"const X: u8 = 1;\n\n{GCD.signature} {{")
    assert result.endswith("}\n\nfn after() {}\n")


@given(st.text(alphabet="fn gcd(a:u64,){}<>`~\"'/ \nlet;mut", max_size=120))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        candidate = take(text, [GCD])
    except NoCandidate:
        return
    kept = text.replace(" ", "").replace("\n", "")
    inside = candidate.bodies["gcd"].removeprefix("{").removesuffix("}")
    assert all(line.replace(" ", "") in kept for line in inside.split("\n") if "let" not in line)


SHAPES = st.sampled_from(list(HOW_IT_IS_SENT.values()))


@given(SHAPES, st.booleans(), st.sampled_from(["```", "````", "~~~"]), st.integers(0, 400))
def test_whatever_happens_to_a_shape_the_body_was_in_the_answer(
    answer: str, windows: bool, fence: str, cut: int
) -> None:
    changed = answer.replace("```", fence)[: max(len(answer) - cut, 0)]
    changed = changed.replace("\n", "\r\n") if windows else changed
    try:
        candidate = take(changed, [GCD], context=CONTEXT_OF_GCD)
    except NoCandidate:
        return
    said = _squeezed(changed + CONTEXT_OF_GCD) + _squeezed(_plainly(changed))
    for line in candidate.bodies["gcd"].split("\n"):
        assert _squeezed(line) in said


def test_a_stray_quote_between_two_strings_leaves_no_escapes_in_the_body() -> None:
    packed = HOW_IT_IS_SENT["JSON twice"]
    candidate = take(f'{packed}\n\n"\n\n{packed}', [GCD], context=CONTEXT_OF_GCD)
    assert "\\n" not in candidate.bodies["gcd"]


@given(SHAPES, SHAPES, prose)
def test_of_two_shapes_one_is_taken(first: str, second: str, between: str) -> None:
    try:
        candidate = take(f"{first}\n\n{between}{second}", [GCD], context=CONTEXT_OF_GCD)
    except NoCandidate:
        return
    said = _squeezed(_plainly(first) + _plainly(second) + first + second + CONTEXT_OF_GCD)
    assert all(_squeezed(line) in said for line in candidate.bodies["gcd"].split("\n"))


def _squeezed(text: str) -> str:
    """The text without white space; a function under another name is called by the declared one."""
    return re.sub("euclid|compute_gcd", "gcd", "".join(text.split()))


def _plainly(text: str) -> str:
    """The text with what it is packed in taken off, as bluntly as can be."""
    for _ in range(2):
        text = text.replace("\\\n", "").replace("\\\\", "\\").replace("\\n", "\n").replace('\\"', '"')
    lines = [re.sub(r"^\s*(?:[>+]|\d+ \|)", "", line) for line in text.split("\n")]
    return re.sub(r"</?span>", "", "\n".join(lines).replace("&gt;", ">"))
