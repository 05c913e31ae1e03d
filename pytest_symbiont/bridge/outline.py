"""A target that is called through others: a generic function by its instances, a method by its types'."""

from __future__ import annotations

import inspect
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.callee import Callee
from pytest_symbiont.bridge.closures import closures
from pytest_symbiont.bridge.custom import python_name
from pytest_symbiont.bridge.handle import Handle
from pytest_symbiont.bridge.infer import Inference, Unclear
from pytest_symbiont.bridge.iterables import iterable, iterators
from pytest_symbiont.bridge.plan import refusal
from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.rust_type import Named, Other, Tuple, parse, shown
from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source._adapt import type_parameters

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.rust_type import RustType
    from pytest_symbiont.source.values import Function

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class Outline(Handle):
    """A body that evolves, and has no entry of its own. ``instances`` are the handles that call it.

    Called itself, it finds out by the arguments which types are meant, and makes that instance.
    """

    def __init__(self, file: EvolvingFile, function: Function) -> None:
        self._start(file, Callee(function))
        self._names = parameters_of(function)
        self._last: Mapping[str, RustType] = {}
        if reason := refusal(Callee(function, dict.fromkeys([*self._names, "Self"], Tuple(())))):
            raise SymbiontError(f"{file.source.path.name}:{function.line}: {function.path} {reason}")
        self.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=parameter.type)
                for parameter in function.parameters
                if (name := python_name(parameter.name)).isidentifier()
            ]
        )

    @property
    def instances(self) -> list[Handle]:
        return [each for each in self.file.handles.values() if each.path == self.path and each.has_entry]

    @property
    def has_entry(self) -> bool:
        return False

    @property
    def calls(self) -> int:
        """How often it was called, in all its instances, and by Rust's own tests."""
        return self._calls + sum(each.calls for each in self.instances)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        function = self.function
        names = [p.name or f"argument {index + 1}" for index, p in enumerate(function.parameters)]
        values = dict(zip(names, args, strict=False)) | kwargs
        if len(args) > len(names) or values.keys() != set(names):
            raise TypeError(f"{function.name}() takes {len(names)} arguments ({', '.join(names)})")
        seen: dict[str, Any] = {}
        for parameter in function.parameters:
            if iterable(function, parameter.type) and not hasattr(values[parameter.name], "__len__"):
                # It can be looked at only once, and may have no end.
                values[parameter.name], seen[parameter.name] = _peeked(values[parameter.name])
        known = self._inferred(function, {**values, **seen})
        instance = self.instance(known)
        self._last = known
        return instance(*(values[name] for name in names))

    def instance(self, known: Mapping[str, RustType]) -> Handle:
        """The handle for these types. Raises TypeError where the function does not take them."""
        inside = ", ".join(f"{name} = {shown(known[name])}" for name in sorted(known))
        callee = Callee(self.function, known, label=f" with {inside}")
        there = self.file.handles.get(callee.key)
        if there is not None:
            return there
        made = self.file.of(callee)
        if self.route is not None:
            made.route, made.revision, made.kept_out = self.route, self.revision, self.kept_out
        if (refusal := self._refused(made)) is not None:
            raise TypeError(f"{self.function.name}() does not take {inside}: {refusal}")
        return made

    def _refused(self, made: Handle) -> str | None:
        """rustc's word against an instance, if the file builds without it; such a one is forgotten."""
        revision = made.revision
        profile = Profile.TRIAL if self.file.in_trial and revision.number else revision.profile
        failure = self.file.build(revision, profile)
        if not isinstance(failure, BuildFailure):
            return None
        self.file.forget(made)
        if isinstance(self.file.build(revision, profile), BuildFailure):
            self.file.remember(made)
            return None
        return failure.text.strip().splitlines()[0].removeprefix("error").lstrip(": ")

    def _inferred(self, function: Function, values: Mapping[str, Any]) -> Mapping[str, RustType]:
        inference = Inference(self._names, self.file.owner)
        try:
            inference.arguments(function, values)
        except Unclear as reason:
            raise TypeError(f"{function.name}(): {reason}") from None
        found = inference.found
        missing = sorted(self._names - found.keys())
        if missing and all(self._last.get(name, found[name]) == found[name] for name in found):
            found = {**self._last, **found}  # an empty list is of the type that the last one was
            missing = sorted(self._names - found.keys())
        if missing:
            raise TypeError(
                f"{function.name}(): what `{missing[0]}` is cannot be told from the arguments; say it: "
                f'evolvable("{self.file.source.path.name}::{self.path}", {missing[0]}="i64")'
            )
        return found

    def bound(self, texts: Mapping[str, str]) -> Handle:
        """The instance for types that are given as text."""
        return self.instance(bound(self.file, self.label, self._names, texts, self.function.module))

    def shim(self) -> Any:
        raise NotImplementedError(f"{self.label} has no entry")

    def bind(self) -> None:
        """There is nothing to bind."""

    def called_with(self, passed: Sequence[Any]) -> str:
        raise NotImplementedError(f"{self.label} is not called itself")


def _peeked(value: Any) -> tuple[Any, list[Any]]:
    """An iterator that begins anew, and its first element, if there is one."""
    iterator = iter(value)
    first = list(islice(iterator, 1))
    return chain(first, iterator), first


def parameters_of(function: Function) -> frozenset[str]:
    """What has to be known of a generic function's types: its type parameters, and what is ``impl Trait``."""
    written = [parse(parameter.type.lstrip("& ").removeprefix("mut ")) for parameter in function.parameters]
    anonymous = {each.text for each in written if isinstance(each, Other) and _is_plain(each.text)}
    return (type_parameters(function.generics) | anonymous) - iterators(function) - closures(function)


def _is_plain(text: str) -> bool:
    """Whether any value may stand for an ``impl Trait``, and not a function or an iterator."""
    return text.startswith("impl ") and not any(word in text for word in ("Fn", "Iter"))


def bound(
    file: EvolvingFile,
    label: str,
    names: Collection[str],
    texts: Mapping[str, str],
    module: str,
) -> dict[str, RustType]:
    """Types by the names of type parameters, from their text. Raises `SymbiontError`."""
    if set(names) != texts.keys():
        wanted = ", ".join(f'{name}="…"' for name in sorted(names)) or "none"
        raise SymbiontError(f"{label}: its type parameters are to be given as {wanted}, got {dict(texts)}")
    try:
        types = {name: Named(text) if text.isdigit() else parse(text) for name, text in texts.items()}
        return {name: file.types.resolver.resolve(found, module) for name, found in types.items()}
    except Unsupported as reason:
        raise SymbiontError(f"{label}: {reason}") from None
