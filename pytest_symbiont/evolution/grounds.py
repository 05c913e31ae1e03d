"""What a proof rests on: every definition of the project that its tests reach, with a digest.

Names are followed through the syntax: from a test through its classes, its fixtures (also those of conftest
files, and those that come by themselves) and its helpers, into other modules of the project. Where a name may
mean several things all of them count, so that nothing that matters is missed.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_symbiont.evolution.python_source import imported, said
from pytest_symbiont.source.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_symbiont.evolution.python_source import Module, Modules

Grounds = Mapping[str, str]
"""Digests by ``/whole/path.py::Class::name``."""

# What pytest calls by its name.
_IN_MODULES = ("pytestmark", "pytest_generate_tests", "setup_module", "teardown_module", "setup_function",
               "teardown_function")  # fmt: skip
_IN_CLASSES = ("pytestmark", "pytest_generate_tests", "setup_class", "teardown_class", "setup_method",
               "teardown_method", "setUp", "tearDown", "setUpClass", "tearDownClass")  # fmt: skip


# Where they come from tells nothing of a test.
_EVERYWHERE = frozenset({"pytest", "pytest_symbiont"})


class _Place(NamedTuple):
    """A name in a module; ``Class.name`` in a class. ``*`` is the whole module."""

    module: Module
    name: str


def grounds(items: Iterable[pytest.Item], modules: Modules) -> Grounds:
    """The definitions that these tests reach."""
    found: dict[str, str] = {}
    seen: set[_Place] = set()
    tests: set[object] = set()
    for item in items:
        if not isinstance(item, pytest.Function):
            text = item.path.read_bytes().decode("utf-8", "replace") if item.path.is_file() else ""
            found[f"{item.path}::{item.name}"] = digest([text])
        elif (one := (item.parent, item.originalname)) not in tests:
            tests.add(one)
            _Follower(item, modules, seen, found).follow()
    return found


class _Follower:
    """Follows one test. ``seen`` and ``found`` are shared with the other tests of the target."""

    def __init__(
        self, item: pytest.Function, modules: Modules, seen: set[_Place], found: dict[str, str]
    ) -> None:
        self._item = item
        self._modules = modules
        self._seen = seen
        self._found = found
        self._classes = tuple(self._places_of_classes())

    def follow(self) -> None:
        waiting = list(self._start())
        while waiting:
            place = waiting.pop()
            if place in self._seen:
                continue
            self._seen.add(place)
            waiting += self._visit(place)

    def _start(self) -> Iterator[_Place]:
        test = self._home(self._item.function)
        here = self._modules.of(vars(self._item.module))
        if test is None and here is not None:
            classes = [node.name for node in self._item.listchain() if isinstance(node, pytest.Class)]
            test = _Place(here, ".".join([*classes, self._item.originalname]))
            test = test if here.where(test.name) else _Place(here, "*")
        yield from filter(None, [test])
        yield from (_Place(here, name) for name in _IN_MODULES if here)
        for cls in self._classes:
            yield cls
            yield from (_Place(cls.module, f"{cls.name}.{name}") for name in _IN_CLASSES)
        for definitions in self._item._fixtureinfo.name2fixturedefs.values():  # noqa: SLF001 - the closure
            yield from self._fixtures(definitions)

    def _places_of_classes(self) -> Iterator[_Place]:
        """The test's class and its bases: their heads are no part of a method's text."""
        test_class = getattr(self._item, "cls", None)
        for cls in test_class.__mro__ if isinstance(test_class, type) else ():
            module = self._modules.named(cls.__module__) or self._same_module(cls)
            if module is not None:
                yield _Place(module, f"class {cls.__qualname__}")

    def _same_module(self, cls: type) -> Module | None:
        # A test module need not be in sys.modules: importmode=importlib.
        here = self._item.module
        return self._modules.of(vars(here)) if cls.__module__ == here.__name__ else None

    def _fixtures(self, definitions: Iterable[pytest.FixtureDef[object]]) -> Iterator[_Place]:
        for definition in definitions:
            yield from filter(None, [self._home(definition.func)])

    def _home(self, function: object) -> _Place | None:
        """Where a function is written, None where that is not in the project."""
        inner = inspect.unwrap(function) if callable(function) else function
        module = self._modules.of(getattr(inner, "__globals__", {}))
        name = str(getattr(inner, "__qualname__", ""))
        return _Place(module, name) if module is not None and module.where(name) else None

    # -- one place ---------------------------------------------------------------------------------------

    def _visit(self, place: _Place) -> Iterator[_Place]:
        module, name = place
        if name.startswith("class "):
            nodes = [
                cls for cls in module.where(name.removeprefix("class ")) if isinstance(cls, ast.ClassDef)
            ]
            parts: list[ast.AST] = [part for cls in nodes for part in _head(cls)]
        else:
            parts = [*(module.everything if name == "*" else module.where(name))]
        if not parts:
            yield from self._by_star(place)
            return
        told = []
        for part in parts:
            if isinstance(part, ast.Import | ast.ImportFrom):
                sources = list(imported(part, name, module.namespace))
                told += [repr(source) for source in sources if source[0] not in _EVERYWHERE]
                yield from self._across(sources)
            else:
                told.append(said(part))
                yield from self._used(part, module)
        if told:
            self._found[f"{module.path}::{name.replace('.', '::')}"] = digest(told)

    def _by_star(self, place: _Place) -> Iterator[_Place]:
        for statement in place.module.statements.get("*", ()):
            yield from self._across(imported(statement, place.name, place.module.namespace))

    def _across(self, sources: Iterable[tuple[str, str]]) -> Iterator[_Place]:
        for source, name in sources:
            module = self._modules.named(source)
            if module is not None and name:
                yield _Place(module, name)

    def _used(self, part: ast.AST, module: Module) -> Iterator[_Place]:
        bases = {id(node.value) for node in ast.walk(part) if isinstance(node, ast.Attribute)}
        for node in ast.walk(part):
            if isinstance(node, ast.Name):
                yield _Place(module, node.id)
                value = module.namespace.get(node.id)
                if isinstance(value, ModuleType) and id(node) not in bases:
                    yield from self._whole(value)
            elif isinstance(node, ast.Attribute):
                yield from (_Place(cls.module, f"{_bare(cls)}.{node.attr}") for cls in self._classes)
                value = _value(node.value, module)
                if isinstance(value, ModuleType) and (other := self._modules.of(vars(value))):
                    yield _Place(other, node.attr)
            elif isinstance(node, ast.arg):
                yield from self._dynamic(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                yield from self._dynamic(node.value)

    def _whole(self, value: ModuleType) -> Iterator[_Place]:
        module = self._modules.of(vars(value))
        if module is not None:
            yield _Place(module, "*")

    def _dynamic(self, name: str) -> Iterator[_Place]:
        """What ``request.getfixturevalue(name)`` would set up, and what such a fixture asks for."""
        manager = self._item.session._fixturemanager  # noqa: SLF001 - there is no other way to ask
        yield from self._fixtures(manager.getfixturedefs(name, self._item) or ())


def _bare(cls: _Place) -> str:
    return cls.name.removeprefix("class ")


def _head(cls: ast.ClassDef) -> list[ast.AST]:
    return [*cls.decorator_list, *cls.bases, *cls.keywords]


def _value(node: ast.expr, module: Module) -> object:
    """What a dotted name stands for, as far as it goes through modules."""
    if isinstance(node, ast.Name):
        return module.namespace.get(node.id)
    if isinstance(node, ast.Attribute):
        outer = _value(node.value, module)
        return vars(outer).get(node.attr) if isinstance(outer, ModuleType) else None
    return None
