"""The types that a file declares, as Python classes."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

import copy
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import RustError
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = """
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use shapes::{Circle as Round, inner};
use inner::deep::*;

const SIZE: usize = 2 * HALF + 1;
const HALF: usize = 0x1;
type Grid = [[u8; SIZE]; 2];
type Pairs<T> = Vec<(T, T)>;
type Result<T> = std::result::Result<T, Failure>;
type Named<'a> = Token<'a>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Point { pub x: i64, pub y: i64 }
#[derive(PartialEq)]
pub struct Line { from: Point, pub r#type: String, points: Vec<Point>, lambda: Option<Box<Line>> }
pub struct Meters(pub f64);
pub struct Pair(i64, String);
pub struct Marker;
#[derive(Debug, PartialEq, Eq, Hash, Clone, Copy)]
pub enum Color { Red, Green = 5, Blue, Last = -3 }
#[repr(u8)]
pub enum Flag { None, True = 1 << 3, name = 0x10 }
#[derive(Debug, Clone, PartialEq)]
pub enum Shape { Circle { radius: f64 }, Rect(f64, f64), Nested(Box<Shape>, Option<Color>), Empty }
pub enum Failure { NotFound { name: String }, Code(i32), Other }
pub struct Token<'a> { pub text: &'a str, kind: Kind<'a> }
pub enum Kind<'a> { Word(&'a str), Number(i64) }
pub struct ListNode { pub val: i32, pub next: Option<Box<ListNode>> }
pub struct TreeNode { pub val: i32, pub left: Option<Rc<RefCell<TreeNode>>>, pub right: Option<Rc<RefCell<TreeNode>>> }
pub enum Expr { Num(i64), Neg(Box<Expr>), Add(Box<Expr>, Box<Expr>), Call { name: String, args: Vec<Expr> } }

mod shapes {
    pub struct Circle { pub radius: super::Meters }
    pub mod inner {
        pub struct Square(pub u8);
        pub mod deep { pub struct Deep { pub square: super::Square, pub up: crate::Color } }
    }
}

pub fn grid(x: Grid) -> Grid { x }
pub fn pairs(x: Pairs<Point>) -> Pairs<Point> { x }
pub fn line(x: Line) -> Line { x }
pub fn meters(x: Meters) -> Meters { x }
pub fn pair(x: Pair) -> Pair { x }
pub fn marker(x: Vec<Option<Marker>>) -> Vec<Option<Marker>> { x }
pub fn color(x: Color) -> Color { x }
pub fn number(x: Color) -> i64 { x as i64 }
pub fn colors() -> Vec<Color> { vec![Color::Red, Color::Green, Color::Blue, Color::Last] }
pub fn flag(x: Flag) -> Flag { x }
pub fn shape(x: Shape) -> Shape { x }
pub fn shapes(x: HashMap<String, Vec<Shape>>) -> HashMap<String, Vec<Shape>> { x }
pub fn find(name: &str) -> Result<Point> {
    match name {
        "there" => Ok(Point { x: 1, y: 2 }),
        "code" => Err(Failure::Code(7)),
        "" => Err(Failure::Other),
        _ => Err(Failure::NotFound { name: name.to_string() }),
    }
}
pub fn tokens(text: &str) -> Vec<Named<'_>> {
    text.split(' ').map(|text| Token { text, kind: text.parse().map_or(Kind::Word(text), Kind::Number) }).collect()
}
pub fn text<'a>(token: &Token<'a>) -> &'a str { match token.kind { Kind::Word(word) => word, Kind::Number(_) => token.text } }
pub fn reverse(mut head: Option<Box<ListNode>>) -> Option<Box<ListNode>> {
    let mut back = None;
    while let Some(mut node) = head { head = node.next.take(); node.next = back; back = Some(node); }
    back
}
pub fn depth(root: Option<Rc<RefCell<TreeNode>>>) -> i32 {
    root.map_or(0, |node| { let node = node.borrow(); 1 + depth(node.left.clone()).max(depth(node.right.clone())) })
}
pub fn invert(root: Option<Rc<RefCell<TreeNode>>>) -> Option<Rc<RefCell<TreeNode>>> {
    if let Some(node) = &root {
        let mut node = node.borrow_mut();
        let (left, right) = (invert(node.left.take()), invert(node.right.take()));
        (node.left, node.right) = (right, left);
    }
    root
}
pub fn evaluate(expr: &Expr) -> i64 {
    match expr {
        Expr::Num(n) => *n,
        Expr::Neg(x) => -evaluate(x),
        Expr::Add(a, b) => evaluate(a) + evaluate(b),
        Expr::Call { name, args } if name == "sum" => args.iter().map(evaluate).sum(),
        Expr::Call { args, .. } => args.len() as i64,
    }
}
pub fn negate(expr: Expr) -> Expr { Expr::Neg(Box::new(expr)) }
pub fn round(x: Round) -> shapes::Circle { x }
pub fn deep(x: Deep) -> self::shapes::inner::deep::Deep { x }
pub fn square(x: inner::Square) -> crate::shapes::inner::Square { x }
pub fn set(x: HashSet<Point>) -> HashSet<Point> { x }
pub fn map(x: BTreeMap<Point, Color>) -> BTreeMap<Point, Color> { x }
pub fn by_color(x: HashMap<Color, Vec<Point>>) -> HashMap<Color, Vec<Point>> { x }
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("own"), SOURCE, "geometry.rs") as opened:
        yield opened


@pytest.fixture(params=WAYS)
def lib(ways: Ways, request: pytest.FixtureRequest) -> Any:
    return ways[request.param]


def test_a_struct_has_its_fields(lib: Any) -> None:
    point = lib.Point(x=1, y=2)
    assert point == lib.Point(1, 2) != lib.Point(2, 1)
    assert repr(point) == "Point(x=1, y=2)"
    point.x = 5
    assert lib.pairs([(point, point)]) == [(lib.Point(5, 2), lib.Point(5, 2))]


def test_structs_nest_and_keywords_are_names(lib: Any) -> None:
    line = lib.Line(lib.Point(0, 0), "a", [lib.Point(1, 1)], lib.Line(lib.Point(1, 1), "b", [], None))
    back = lib.line(line)
    assert back == line
    assert (back.from_, back.type, back.lambda_.type) == (lib.Point(0, 0), "a", "b")


@pytest.mark.parametrize(
    ("name", "arguments", "shown"),
    [("meters", (1.5,), "Meters(1.5)"), ("pair", (1, "a"), "Pair(1, 'a')")],
)
def test_a_tuple_struct_is_read_as_a_tuple(
    lib: Any, name: str, arguments: tuple[Any, ...], shown: str
) -> None:
    value = getattr(lib, name.capitalize())(*arguments)
    back = getattr(lib, name)(value)
    assert back == value
    assert repr(back) == shown
    assert (*back,) == arguments
    assert back[0] == back._0 == arguments[0]
    assert len(back) == len(arguments)


def test_a_unit_struct_is_one_value(lib: Any) -> None:
    assert lib.marker([lib.Marker(), None]) == [lib.Marker(), None]
    assert repr(lib.Marker()) in {"Marker", "Marker()"}


def test_an_enum_without_fields_is_a_python_enum(lib: Any) -> None:
    assert issubclass(lib.Color, enum.Enum)
    assert [member.value for member in lib.Color] == [0, 5, 6, -3]
    assert lib.colors() == list(lib.Color)
    for member in lib.Color:
        assert lib.color(member) is member
        assert lib.number(member) == member.value


def test_variants_with_pythons_own_names_get_a_line_behind_them(lib: Any) -> None:
    assert [member.name for member in lib.Flag] == ["None_", "True_", "name_"]
    assert [lib.flag(member) for member in lib.Flag] == list(lib.Flag)


def test_a_discriminant_is_the_members_value_also_where_it_is_computed(lib: Any) -> None:
    assert [member.value for member in lib.Flag] == [0, 8, 16]


def test_every_kind_of_variant_comes_back(lib: Any) -> None:
    circle, rect = lib.Shape.Circle(radius=1.0), lib.Shape.Rect(1.0, 2.0)
    for shape in (
        circle,
        rect,
        lib.Shape.Nested(circle, None),
        lib.Shape.Nested(rect, lib.Color.Red),
        lib.Shape.Empty,
    ):
        assert lib.shape(shape) == shape
        assert isinstance(lib.shape(shape), lib.Shape)
    assert lib.shapes({"a": [circle, lib.Shape.Empty]}) == {"a": [circle, lib.Shape.Empty]}
    assert (
        repr([circle, rect, lib.Shape.Empty])
        == "[Shape.Circle(radius=1.0), Shape.Rect(1.0, 2.0), Shape.Empty]"
    )
    assert circle != rect


def test_a_match_statement_takes_them_apart(lib: Any) -> None:
    def area(shape: Any) -> float:
        match shape:
            case lib.Shape.Circle(radius=radius):
                return float(radius * radius)
            case lib.Shape.Rect(width, height):
                return float(width * height)
            case lib.Shape.Empty:
                return 0.0
            case lib.Shape.Nested(inner, _):
                return area(inner)
        raise AssertionError(shape)

    shapes = [lib.Shape.Circle(radius=2.0), lib.Shape.Rect(2.0, 3.0), lib.Shape.Empty]
    assert [area(lib.shape(shape)) for shape in shapes] == [4.0, 6.0, 0.0]
    assert area(lib.Shape.Nested(shapes[1], None)) == 6.0


def test_they_are_copied(lib: Any) -> None:
    line = lib.Line(lib.Point(0, 0), "a", [lib.Point(1, 1)], None)
    deep, flat = copy.deepcopy(line), copy.copy(line)
    assert deep == flat == line
    line.points[0].x = 9
    assert (deep.points[0].x, flat.points[0].x) == (1, 9)
    assert copy.deepcopy(lib.Shape.Empty) == lib.Shape.Empty


def test_what_rust_hashes_is_hashed(lib: Any) -> None:
    assert lib.set({lib.Point(1, 2), lib.Point(1, 2)}) == {lib.Point(1, 2)}
    assert lib.map({lib.Point(1, 2): lib.Color.Red}) == {lib.Point(1, 2): lib.Color.Red}
    assert lib.by_color({lib.Color.Blue: [lib.Point(1, 2)]}) == {lib.Color.Blue: [lib.Point(1, 2)]}
    with pytest.raises(TypeError, match="unhashable type: 'Line'"):
        hash(lib.Line(lib.Point(1, 1), "", [], None))


def test_aliases_and_constants_are_followed(lib: Any) -> None:
    assert lib.grid([b"abc", [1, 2, 3]]) == [b"abc", b"\1\2\3"]
    with pytest.raises(TypeError, match=r"argument 'x'\[0\]: expected 3 elements, got 2"):
        lib.grid([b"ab", b"abc"])


def test_an_err_carries_the_files_own_type(lib: Any) -> None:
    assert lib.find("there") == lib.Point(1, 2)
    for name, error in (
        ("x", lib.Failure.NotFound(name="x")), ("code", lib.Failure.Code(7)), ("", lib.Failure.Other),
    ):  # fmt: skip
        with pytest.raises(RustError) as caught:
            lib.find(name)
        assert caught.value.value == error


def test_types_with_lifetimes_are_copied_out(lib: Any) -> None:
    word, number = lib.tokens("a 12")
    assert (word.text, word.kind, number.kind) == ("a", lib.Kind.Word("a"), lib.Kind.Number(12))
    assert (lib.text(word), lib.text(number)) == ("a", "12")


def _linked(lib: Any, values: list[int]) -> Any:
    head = None
    for value in reversed(values):
        head = lib.ListNode(value, head)
    return head


def test_a_linked_list_crosses(lib: Any) -> None:
    assert lib.reverse(_linked(lib, [1, 2, 3])) == _linked(lib, [3, 2, 1])
    assert lib.reverse(None) is None
    assert lib.reverse(_linked(lib, list(range(100)))) == _linked(lib, list(range(99, -1, -1)))


def test_what_is_too_deep_is_an_error(lib: Any) -> None:
    with pytest.raises(OverflowError, match="nested too deeply, or holds itself"):
        lib.reverse(_linked(lib, [0] * 100_000))
    node = lib.ListNode(1, None)
    node.next = node
    with pytest.raises(OverflowError, match="nested too deeply, or holds itself"):
        lib.reverse(node)


def test_a_tree_of_cells_crosses(lib: Any) -> None:
    tree = lib.TreeNode(1, lib.TreeNode(2, None, lib.TreeNode(3, None, None)), None)
    assert lib.depth(tree) == 3
    assert lib.invert(tree) == lib.TreeNode(1, None, lib.TreeNode(2, lib.TreeNode(3, None, None), None))


def test_an_enum_may_hold_itself(lib: Any) -> None:
    expr = lib.Expr
    sum_ = expr.Call("sum", [expr.Num(1), expr.Neg(expr.Num(5)), expr.Add(expr.Num(2), expr.Num(3))])
    assert lib.evaluate(sum_) == 1
    assert lib.negate(sum_) == expr.Neg(sum_)


def test_types_of_modules_are_found_by_every_path(lib: Any) -> None:
    @dataclass
    class Circle:
        radius: float | tuple[float]

    assert lib.round(Circle((2.0,))).radius == lib.Meters(2.0)
    back = lib.square((3,))
    assert repr(back) == "Square(3)"

    @dataclass
    class Deep:
        square: Any
        up: Any

    assert repr(lib.deep(Deep(back, lib.Color.Red))) == "Deep(square=Square(3), up=<Color.Red: 0>)"


def test_errors_name_the_field(lib: Any) -> None:
    with pytest.raises(TypeError, match=r"argument 'x'\['a'\]\[0\]\.radius: expected float, got str 'b'"):
        lib.shapes({"a": [lib.Shape.Circle(radius="b")]})
    with pytest.raises(TypeError, match=r"argument 'x'\.lambda_\.points\[0\]\.x: expected int, got str 'z'"):
        lib.line(lib.Line(lib.Point(0, 0), "a", [], lib.Line(lib.Point(0, 0), "", [lib.Point("z", 0)], None)))


@pytest.mark.parametrize(
    ("declared", "type_", "said"),
    [
        ("pub struct S { f: fn(u8) -> u8 }", "S",
         "line 1: field `S.f: fn(u8) -> u8`: `fn(u8) -> u8` is no value that Python could hold"),
        ("pub struct S<T> { x: T }", "S", "`S` has 1 type parameters"),
        ("pub union U { x: u8 }", "U", "line 1: `U` is a union, which is no value"),
        ("pub trait T {}", "T", "line 1: `T` is a trait, which is no value"),
        ("pub trait T {}", "Box<dyn T>", "`dyn T` is no value that Python could hold"),
        ("pub enum Never {}", "Never", "line 1: `Never` has no variants, so no value either"),
        ("mod m { pub struct S { x: u8 } }", "m::S",
         "line 1: field `S.x: u8` is private to its module: make it `pub(crate)`"),
        ("pub enum E { A(*const u8) }", "E",
         "line 1: field `E::A.0: *const u8`: `*const u8` is no value that Python could hold"),
        ("pub struct S<'a> { x: &'a mut u8 }", "S<'_>",
         "line 1: field `S.x: &'a mut u8`: a `&mut` inside of another type"),
        ("", "Unknown", "`Unknown` is no type of this file, nor one of std that is known here"),
        ("type A = B; type B = A;", "A", "`B` stands for itself"),
        ("", "Vec<u8, Global>", "`Global` is no type of this file, nor one of std that is known here"),
    ],
)  # fmt: skip
def test_what_cannot_cross_is_told_with_its_place(
    tmp_path: Path, declared: str, type_: str, said: str
) -> None:
    file = tmp_path / "lib.rs"
    file.write_text(f"{declared}\npub fn f(x: {type_}) {{}}\n")
    with pytest.raises(SymbiontError) as refused:
        Registry().function(file, "f")
    assert str(refused.value) == f"lib.rs:2: f: parameter `x: {type_}`: {said}"


def test_functions_of_a_file_share_its_classes(lib: Any) -> None:
    assert (
        type(lib.find("there")) is lib.Point is type(lib.pairs([((lib.Point(0, 0)), lib.Point(0, 0))])[0][0])
    )
