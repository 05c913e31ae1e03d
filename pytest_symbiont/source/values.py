"""The values that Rust text is turned into."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


_LIFETIME = re.compile(r"&\s*'\w+\s*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as declared: ``mut xs: &[i64]`` is pattern ``mut xs``, name ``xs``, type ``&[i64]``.

    ``name`` is empty where the pattern is no plain identifier (``(a, b): (u8, u8)``, ``_: u8``).
    """

    pattern: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Impl:
    """The ``impl`` block that a method stands in, as written: ``impl<T: Ord> Tree<T>``.

    ``type`` is ``Tree<T>``, ``trait`` is ``Index<usize>`` or empty, ``generics`` ``<T: Ord>``, ``where`` its
    where clause. ``types`` are its associated types by name. ``module`` is the path of the module around it.
    """

    type: str
    trait: str = ""
    generics: str = ""
    where: str = ""
    types: tuple[tuple[str, str], ...] = ()
    module: str = ""

    @property
    def header(self) -> str:
        """What stands before the block: ``impl<T: Ord> Tree<T>``."""
        trait = f"{self.trait} for " if self.trait else ""
        return f"impl{self.generics} {trait}{self.type} {self.where}".strip()

    @property
    def head(self) -> str:
        """The type as written there, without its arguments: ``Tree``, ``&Tree``."""
        return _LIFETIME.sub("&", self.type).partition("<")[0].strip()

    @property
    def name(self) -> str:
        """The name of the type: ``Tree``, also where the block is for a reference to it."""
        return self.head.removeprefix("&").strip().removeprefix("mut ").strip()

    @property
    def trait_name(self) -> str:
        """The trait's own name: ``Display`` for ``fmt::Display``, ``From`` for ``From<u8>``."""
        return self.trait.partition("<")[0].rpartition("::")[2].strip()


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a Rust file.

    ``path`` is its path inside the file (``sort``, ``inner::sort``; ``Stack::push`` and
    ``<Stack as Display>::fmt`` for methods, which have an ``impl``), ``signature`` the text from its
    visibility to before the body, ``body`` the block including its braces. ``start``, ``body_start`` and
    ``body_end`` are byte offsets into the UTF-8 text (``start`` is the signature's, after doc comments and
    attributes); ``line`` is the signature's first line, from 1. ``returns`` is empty for ``()``.
    ``qualifiers`` holds ``async``, ``unsafe``, ``const``, ``extern "C"``; ``generics`` is ``<T: Ord>`` or
    empty, ``where`` the where clause or empty. ``receiver`` is the ``self`` parameter's text, or empty.
    """

    path: str
    name: str
    signature: str
    parameters: tuple[Parameter, ...]
    returns: str
    body: str
    start: int
    body_start: int
    body_end: int
    line: int
    doc: str = ""
    public: bool = False
    qualifiers: tuple[str, ...] = ()
    generics: str = ""
    where: str = ""
    receiver: str = ""
    impl: Impl | None = None

    @property
    def module(self) -> str:
        """The path of the module that it stands in, empty for the file itself."""
        return self.impl.module if self.impl else self.path.rpartition("::")[0]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Bodies taken from an answer, by function path, each a block with its braces.

    ``notes`` says what was done to the answer to get them (``helper functions nested inside the body``).
    ``gaps`` are comments that stand where code may have been left out (``// ... existing code ...``).
    ``alternative`` is the other way to fit a signature that is not the declared one, for where this one does
    not compile.
    """

    bodies: Mapping[str, str]
    notes: tuple[str, ...] = field(default=())
    gaps: tuple[str, ...] = field(default=())
    alternative: Candidate | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Rust file as it was read. ``raw`` is its bytes on disk, None where it is not there yet.

    ``text`` is what is built: ``raw`` decoded (line ends untouched, no byte order mark), and behind it
    functions that were declared in Python and are not on disk yet.
    """

    path: Path
    text: str
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Target:
    """One evolvable function: its file (with the fixed items around it), its signature and its body."""

    source: SourceFile
    function: Function

    @property
    def label(self) -> str:
        """``sort.rs::sort``: how messages name this target."""
        return f"{self.source.path.name}::{self.function.path}"
