"""What a type's text means where it stands in a file: aliases followed, std's paths written out in full."""

from __future__ import annotations

import ast
import operator
import re
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from pytest_symbiont.bridge.rust_type import (
    Array,
    Named,
    Other,
    Reference,
    RustType,
    Slice,
    Tuple,
    parse,
    render,
    with_lifetimes,
)
from pytest_symbiont.bridge.scalars import SCALARS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.source.types import Declaration, Declarations

OWN = "super::"
"""How the path of a type that the file declares begins, as generated code beside the file names it."""

_INTEGERS = ("I8", "I16", "I32", "I64", "I128", "Isize", "U8", "U16", "U32", "U64", "U128", "Usize")
_MODULES = {
    "string": ("String",),
    "vec": ("Vec",),
    "boxed": ("Box",),
    "rc": ("Rc",),
    "sync": ("Arc", "Mutex", "RwLock"),
    "borrow": ("Cow",),
    "cell": ("Cell", "RefCell"),
    "cmp": ("Ordering", "Reverse"),
    "option": ("Option",),
    "result": ("Result",),
    "collections": (
        *("BTreeMap", "BTreeSet", "BinaryHeap", "HashMap", "HashSet", "LinkedList", "VecDeque"),
        "TryReserveError",
    ),
    "num": (
        *("NonZero", "Wrapping", "Saturating", *(f"NonZero{name}" for name in _INTEGERS)),
        *("ParseFloatError", "ParseIntError", "TryFromIntError"),
    ),
    "ops": ("Range", "RangeFrom", "RangeFull", "RangeInclusive", "RangeTo", "RangeToInclusive"),
    "time": ("Duration", "SystemTimeError", "TryFromFloatSecsError"),
    "array": ("TryFromSliceError",),
    "char": ("CharTryFromError", "DecodeUtf16Error", "ParseCharError", "TryFromCharError"),
    "str": ("ParseBoolError", "Utf8Error"),
    "path": ("Path", "PathBuf"),
    "convert": ("Infallible",),
    "marker": ("PhantomData",),
    "hash": ("BuildHasherDefault", "DefaultHasher", "RandomState"),
    "ffi": ("OsStr", "OsString"),
    "net": ("IpAddr", "Ipv4Addr", "Ipv6Addr"),
}
STD = {name: f"::std::{module}::{name}" for module, names in _MODULES.items() for name in names}
STD |= {f"FromUtf{bits}Error": f"::std::string::FromUtf{bits}Error" for bits in (8, 16)}
# What the last word alone does not tell.
_BY_PATH = {
    "fmt::Error": "::std::fmt::Error",
    "io::Error": "::std::io::Error",
    "net::AddrParseError": "::std::net::AddrParseError",
}
# Another type by a name that is known here.
_OTHERS = frozenset({"atomic::Ordering", "thread::Result", "io::Result", "fmt::Result"})
_ROOTS = ("std", "core", "alloc")
_HERE = ("crate", "self", "super")
_DYN_ERROR = re.compile(r"dyn\s+((?:\w+\s*::\s*|::\s*)*Error)((?:\s*\+\s*(?:Send|Sync|'\w+))*)")
_DEEPEST = 64
_LITERAL = re.compile(r"\b(0x[0-9a-fA-F_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*?)_?(?:[iu](?:8|16|32|64|128|size))?\b")
_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}


class Unsupported(Exception):  # noqa: N818 - a reason on its way to the error that names file and line
    """A type that cannot be carried; the message says which part of it, and why."""


class Resolver:
    """Resolves the types that one file's text names."""

    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations
        self._globbing: set[tuple[str, str]] = set()

    def resolve(
        self, rust_type: RustType, module: str, known: Mapping[str, RustType] | None = None
    ) -> RustType:
        """The type as seen from ``module`` (empty for the file), with paths that hold everywhere.

        Types of the file begin with `OWN`, those of std with ``::std::``. ``known`` is what names stand for
        there: ``Self``, ``Self::Item``, type parameters. Raises `Unsupported`.
        """
        return self._resolve(rust_type, module, known or {}, 0)

    def resolve_in(
        self, declaration: Declaration, rust_type: RustType, arguments: tuple[RustType, ...] = ()
    ) -> RustType:
        """The type as seen from inside of a declaration, where ``Self`` is what it declares."""
        itself = Named(OWN + declaration.path, arguments, declaration.lifetimes)
        known = {"Self": itself, **dict(zip(declaration.parameters, arguments, strict=False))}
        return self._resolve(rust_type, declaration.module, known, 0)

    def declaration(self, rust_type: RustType) -> Declaration | None:
        """The declaration behind a resolved type, where it is one of the file's own."""
        if isinstance(rust_type, Named) and rust_type.path.startswith(OWN):
            return self._declarations.by_path[rust_type.path.removeprefix(OWN)]
        return None

    def item(self, path: str, module: str) -> Declaration | None:
        """What a path names in this file, seen from a module."""
        found = self._find(path.split("::"), module, 0)
        return None if isinstance(found, str) else found

    def number(self, text: str, module: str) -> int:
        """The value of a constant expression, where it is plain arithmetic. Raises `Unsupported`."""
        return self._number(text, module, 0)

    def _resolve(  # noqa: C901, PLR0911 - one for each kind of type
        self, rust_type: RustType, module: str, known: Mapping[str, RustType], depth: int
    ) -> RustType:
        """``known`` are the parameters of an alias that is being followed."""
        if depth > _DEEPEST:
            raise Unsupported(f"`{render(rust_type)}` stands for itself")

        def inner(part: RustType) -> RustType:
            return self._resolve(part, module, known, depth + 1)

        match rust_type:
            case Named(path, (), ()) if path in known:
                return known[path]
            case Named(path, (), ()) if path.isdigit():
                return rust_type  # what a constant parameter is
            case Named(path, arguments, lifetimes):
                return self._named(path, tuple(map(inner, arguments)), lifetimes, module, depth)
            case Reference(mutable, target, lifetime):
                return Reference(mutable, inner(target), lifetime)
            case Slice(element):
                return Slice(inner(element))
            case Array(element, length):
                given = known.get(length)
                length = render(given) if given else length
                return Array(inner(element), str(self._number(length, module, depth)))
            case Tuple(members):
                return Tuple(tuple(map(inner, members)))
            case Other(text):
                return self._other(text, module)

    def _named(
        self,
        path: str,
        arguments: tuple[RustType, ...],
        lifetimes: tuple[str, ...],
        module: str,
        depth: int,
    ) -> RustType:
        found = self._find(path.split("::"), module, 0)
        if isinstance(found, str):
            return self._std(found, arguments, lifetimes, path)
        if found.kind == "alias":
            return self._alias(found, arguments, lifetimes, path, depth)
        left_out = found.defaults[len(arguments) :]
        if len(arguments) > len(found.parameters) or not all(left_out):
            raise Unsupported(f"`{path}` has {len(found.parameters)} type parameters")
        given = dict(zip(found.parameters, arguments, strict=False))
        for default in left_out:
            arguments = (*arguments, self._resolve(parse(default), found.module, given, depth + 1))
        # A lifetime may be left out of a path: `Token` for `Token<'_>`.
        return Named(OWN + found.path, arguments, lifetimes or ("'_",) * len(found.lifetimes))

    def _alias(
        self,
        alias: Declaration,
        arguments: tuple[RustType, ...],
        lifetimes: tuple[str, ...],
        path: str,
        depth: int,
    ) -> RustType:
        left_out = alias.defaults[len(arguments) :]
        if len(arguments) > len(alias.parameters) or not all(left_out):
            raise Unsupported(f"`{path}` has {len(alias.parameters)} type parameters")
        given = dict(zip(alias.lifetimes, lifetimes or ("'_",) * len(alias.lifetimes), strict=False))
        target = with_lifetimes(parse(alias.type), lambda lifetime: given.get(lifetime, lifetime))
        known = dict(zip(alias.parameters, arguments, strict=False))
        for name, default in zip(alias.parameters[len(arguments) :], left_out, strict=True):
            known[name] = self._resolve(parse(default), alias.module, known, depth + 1)
        return self._resolve(target, alias.module, known, depth + 1)

    def _std(
        self, path: str, arguments: tuple[RustType, ...], lifetimes: tuple[str, ...], written: str
    ) -> RustType:
        """``path`` is one into std, or a name that no `use` line explains."""
        last = path.rpartition("::")[2]
        if _is_here(path):
            raise Unsupported(f"`{written}` is declared in another file: move it into this one")
        root, _, rest = path.partition("::")
        if rest and root not in _ROOTS:
            _unknown(written)
        tail = "::".join(path.split("::")[-2:])
        if tail == "fmt::Result":
            return Named(STD["Result"], (Tuple(()), Named(_BY_PATH["fmt::Error"])))
        if tail == "io::Result" and len(arguments) == 1:
            return Named(STD["Result"], (*arguments, Named(_BY_PATH["io::Error"])))
        if tail in _BY_PATH:
            return Named(_BY_PATH[tail])
        if last in SCALARS or last == "str":
            return Named(f"::core::primitive::{last}")
        if last not in STD or tail in _OTHERS:
            _unknown(written)
        return Named(STD[last], arguments, lifetimes if last == "Cow" else ())

    def _find(self, segments: Sequence[str], module: str, depth: int) -> Declaration | str:
        """The declaration at a path seen from a module, or the path into std."""
        if depth > _DEEPEST:  # `use` lines lead to themselves where what they name is in another file
            return "::".join(segments)
        found = self._find_own(segments, module, depth)
        return found or "::".join(segments).removeprefix("::")

    def _find_own(self, segments: Sequence[str], module: str, depth: int) -> Declaration | str | None:
        first, rest = segments[0], segments[1:]
        if first == "":  # `::std::…`
            return None
        if first in _HERE and rest:
            found = self._find_own(rest, self._above(first, module), depth + 1)
            # What the file itself imports from elsewhere is found by that path, anything else is not there.
            return found or "::".join(segments)
        here = f"{module}::{first}" if module else first
        if not rest and here in self._declarations.by_path:
            return self._declarations.by_path[here]
        if rest and here in self._declarations.modules:
            return self._find_own(rest, here, depth + 1)
        return self._imported(first, rest, module, depth)

    def _imported(self, first: str, rest: Sequence[str], module: str, depth: int) -> Declaration | str | None:
        for use in self._declarations.uses:
            # `use time::macros::time;`: where its own path begins with it, it names another crate.
            if use.module == module and use.name == first and use.path[0] != first:
                return self._find((*use.path, *rest), module, depth + 1)
        return None if rest else self._globbed(first, module, depth)

    def _globbed(self, name: str, module: str, depth: int) -> Declaration | str | None:
        """What the ``use …::*;`` lines of a module bring; they may lead to each other, or back."""
        if (module, name) in self._globbing:
            return None
        self._globbing.add((module, name))
        try:
            for use in self._declarations.uses:
                if use.module == module and use.name == "*" and use.path[0] not in _ROOTS:
                    found = self._find_own((*use.path, name), module, depth + 1)
                    # A path that leads nowhere in this file brings no names, unless it leads into std.
                    if found and (not isinstance(found, str) or found.partition("::")[0] in _ROOTS):
                        return found
        finally:
            self._globbing.discard((module, name))
        return None

    def _above(self, first: str, module: str) -> str:
        if first == "super":
            return module.rpartition("::")[0]
        return "" if first == "crate" else module

    def _other(self, text: str, module: str) -> RustType:
        match = _DYN_ERROR.fullmatch(text)
        if match:
            found = self._find("".join(match[1].split()).split("::"), module, 0)
            if isinstance(found, str):
                marks = " + ".join(["", *re.findall(r"Send|Sync", match[2])])
                return Other(f"dyn ::std::error::Error{marks}")
        raise Unsupported(f"`{text}` is no value that Python could hold")

    def _number(self, text: str, module: str, depth: int) -> int:
        if depth > _DEEPEST:
            _no_number(text)
        plain = re.sub(r"\bas\s+\w+", "", _LITERAL.sub(lambda match: match[1].replace("_", ""), text))
        plain = plain.replace("::", ".").strip()
        if plain.startswith("{") and plain.endswith("}"):
            plain = plain[1:-1].strip()
        try:
            tree = ast.parse(plain, mode="eval").body
        except SyntaxError:
            _no_number(text)
        return self._evaluate(tree, module, text, depth)

    def _evaluate(  # noqa: PLR0911 - one for each kind of expression
        self, node: ast.expr, module: str, text: str, depth: int
    ) -> int:
        match node:
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return value
            case ast.Set(elts=[inside]):  # Rust's braces around an expression
                return self._evaluate(inside, module, text, depth)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._evaluate(operand, module, text, depth)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                sides = (self._evaluate(side, module, text, depth) for side in (left, right))
                with suppress(ArithmeticError, ValueError):
                    return _ARITHMETIC[type(op)](*sides)
            case ast.Name() | ast.Attribute():
                found = self._find(ast.unparse(node).split("."), module, 0)
                if isinstance(found, str):
                    return _limit(found, text)
                if found.kind == "const":
                    return self._number(found.value, found.module, depth + 1)
        return _no_number(text)


def _is_here(found: Declaration | str) -> bool:
    """Whether a path was looked for in this file, in vain."""
    return isinstance(found, str) and found.partition("::")[0] in _HERE


def _limit(path: str, text: str) -> int:
    """What ``u8::MAX`` is, or another of the limits of integers."""
    scalar = SCALARS.get(path.rpartition("::")[0].rpartition("::")[2])
    limits: dict[str, int] = {}
    if scalar is not None and scalar.family == "int":
        low, high = scalar.bounds
        limits = {"MIN": low, "MAX": high, "BITS": scalar.size * 8}
    found = limits.get(path.rpartition("::")[2])
    return _no_number(text) if found is None else found


def _unknown(written: str) -> NoReturn:
    raise Unsupported(f"`{written}` is no type of this file, nor one of std that is known here")


def _no_number(text: str) -> NoReturn:
    raise Unsupported(f"the length `{text}` is no plain number")
