"""The `evolve` marker: what it may say, and which targets a test is bound to."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_symbiont.bridge.classes import RustMethod
from pytest_symbiont.bridge.registry import RustModule
from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.registry import Registry

SIGNATURE = "evolve(*targets, holdout=False, weight=1.0, timeout=None, profile=None, prompt=None)"
# What each argument of it says, for docs/reference.md.
MEANINGS = {
    "targets": "what `evolvable` returned, functions or files; without any, the functions that the test is "
    "seen to call, by its own code, its fixtures and your helpers",
    "holdout": "the model never sees this test, nor what it says; a winner must pass it all the same",
    "weight": "how much the test counts when attempts are compared, a number above 0",
    "timeout": "the deadline of one Rust call in this test, in seconds; None for the session's",
    "profile": '`"promotion"` runs its trials against the optimised build, `"trial"` and None do not',
    "prompt": "a sentence for the model",
}
_PROFILES = {"trial": Profile.TRIAL, "promotion": Profile.PROMOTION}


@dataclass(frozen=True, slots=True)
class Bound:
    """One test and what its marker says. ``timeout`` is in seconds, None for the session's."""

    item: pytest.Item
    handles: tuple[Handle, ...]
    holdout: bool = False
    weight: float = 1.0
    timeout: float | None = None
    profile: Profile = Profile.TRIAL
    prompt: str = ""

    @property
    def nodeid(self) -> str:
        """The test's node id, without what pytest-xdist's ``--dist loadgroup`` puts behind it."""
        names = [mark.kwargs.get("name", "default") if not mark.args else mark.args[0]
                 for mark in self.item.iter_markers("xdist_group")]  # fmt: skip
        if not names or not getattr(self.item.config.option, "loadgroup", False):
            return self.item.nodeid
        return self.item.nodeid.removesuffix(f"@{'_'.join(sorted(set(map(str, names))))}")


def bind(item: pytest.Item, registry: Registry) -> Bound | None:
    """What a test is bound to, by its closest marker; None where it has none.

    Raises `pytest.UsageError` where the marker's arguments make no sense.
    """
    mark = item.get_closest_marker("evolve")
    if mark is None:
        return None
    _refuse_two(item)
    handles = tuple(dict.fromkeys(_named(item, mark, registry))) or reached(item, registry)
    if not handles:
        raise pytest.UsageError(
            f"{item.nodeid}: its evolve marker names no target, and it is not seen to call one; write "
            "@pytest.mark.evolve(target) with what evolvable(...) returned"
        )
    given = dict(mark.kwargs)
    bound = Bound(
        item,
        handles,
        holdout=_checked(item, "holdout", given.pop("holdout", False), bool, "True or False"),
        weight=_checked(item, "weight", given.pop("weight", 1.0), (int, float), "a number above 0"),
        timeout=_checked(
            item, "timeout", given.pop("timeout", None), (int, float, type(None)), "seconds above 0"
        ),
        profile=_profile(item, given.pop("profile", None)),
        prompt=_checked(item, "prompt", given.pop("prompt", None), (str, type(None)), "a text") or "",
    )
    if given:
        raise pytest.UsageError(
            f"{item.nodeid}: unknown argument {next(iter(given))!r} in marker; it is {SIGNATURE}"
        )
    return bound


def _refuse_two(item: pytest.Item) -> None:
    nearest = [node for node, _ in item.iter_markers_with_node("evolve")]
    if len(nearest) > 1 and nearest[0] is nearest[1]:
        raise pytest.UsageError(
            f"{item.nodeid}: two evolve markers stand at one place, and one would not count; make them one, "
            "with all targets"
        )


def _named(item: pytest.Item, mark: pytest.Mark, registry: Registry) -> Iterator[Handle]:
    for value in mark.args:
        if isinstance(value, RustModule):
            yield from value.__dict__["_file"].public_handles()
        elif handles := registry.handles(value):
            yield from handles
        else:
            raise pytest.UsageError(
                f"{item.nodeid}: its evolve marker names {value!r}, which is no evolvable; pass what "
                "evolvable(...) returned"
            )


def _checked(item: pytest.Item, name: str, value: Any, types: Any, wanted: str) -> Any:
    wrong = isinstance(value, bool) and types is not bool
    if (
        wrong
        or not isinstance(value, types)
        or (isinstance(value, int | float) and types is not bool and not 0 < value < math.inf)
    ):
        raise pytest.UsageError(f"{item.nodeid}: evolve marker: {name}={value!r} is not valid; use {wanted}")
    return value


def _profile(item: pytest.Item, value: object) -> Profile:
    if value is None:
        return Profile.TRIAL
    if value not in _PROFILES:
        raise pytest.UsageError(
            f"{item.nodeid}: evolve marker: profile={value!r} is not valid; choose from "
            f"{', '.join(_PROFILES)}"
        )
    return _PROFILES[str(value)]


def reached(item: pytest.Item, registry: Registry) -> tuple[Handle, ...]:
    """The evolvables that a test is seen to call, in its own code, its fixtures and the user's helpers.

    Names are followed through code objects, not executed: a test that fails before its second call is bound
    to both.
    """
    root = item.config.rootpath
    found: dict[Handle, None] = {}
    queue: list[object] = [getattr(item, "function", None), *_fixtures(item), *_parameters(item)]
    cls = getattr(item, "cls", None)
    seen: set[int] = set()
    types: dict[Any, object] = {}
    words: set[str] = set()
    while queue:
        value = queue.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        if registry.named_type(value) is not None:
            types[value] = value
        elif handles := registry.handles(value):
            found |= dict.fromkeys(handles)
        elif isinstance(value, FunctionType) and _is_users(value, root):
            queue += _mentioned(value, cls)
            words.update(_names(value.__code__))
    # Of a type that is seen through its file, those methods that are named.
    for type_ in types:
        methods = [
            getattr(type_, word) for word in sorted(words) if isinstance(vars(type_).get(word), RustMethod)
        ]
        found |= dict.fromkeys(handle for method in methods for handle in registry.handles(method))
    return tuple(found)


def _mentioned(function: FunctionType, cls: type | None) -> Iterator[object]:
    names = set(_names(function.__code__))
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", None)
    yield inner
    yield getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        yield cell.cell_contents if _filled(cell) else None
    for name in sorted(names):
        value = function.__globals__.get(name)
        if isinstance(value, RustModule):
            yield from (getattr(value, part) for part in sorted(names & set(dir(value))))
        elif isinstance(value, type):
            yield value
            yield from (member for member in vars(value).values() if isinstance(member, FunctionType))
        else:
            yield value
        yield inspect.getattr_static(cls, name, None) if cls is not None else None


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _fixtures(item: pytest.Item) -> Iterator[object]:
    info = getattr(item, "_fixtureinfo", None)
    for definitions in getattr(info, "name2fixturedefs", {}).values():
        yield from (definition.func for definition in definitions)


def _parameters(item: pytest.Item) -> Iterator[object]:
    yield from getattr(getattr(item, "callspec", None), "params", {}).values()


def _is_users(function: FunctionType, root: Path) -> bool:
    path = Path(function.__code__.co_filename)
    return root in path.parents and "site-packages" not in path.parts
