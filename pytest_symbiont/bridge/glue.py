"""The Rust between words and a function: entries beside the file, shims behind them.

An *entry* is a function of the candidate's crate that calls the target, a *shim* a crate of its own that
calls an entry. Where only std types cross, the entry has the target's own types and the shim does the work,
once per signature. Types of the file exist in the candidate's crate alone, so there the entry does it, with
conversions written from the declarations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.bridge.lifting import borrowed, lift, lower, object_type
from pytest_symbiont.bridge.plan import rust
from pytest_symbiont.bridge.resolve import OWN
from pytest_symbiont.bridge.rust_type import Reference, render
from pytest_symbiont.build.builder import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_symbiont.bridge.custom import CustomType, CustomTypes, CustomVariant
    from pytest_symbiont.bridge.plan import ParameterPlan, Plan

_TYPE = "type Entry = "
_CODEC = "::symbiont_codec"
_OK = "::core::result::Result::Ok"
_ERR = "::core::result::Result::Err"
_BYTES = "&[::core::primitive::u8]"
_ASK = "fn(::core::primitive::u64, &[::core::primitive::u8]) -> ::std::vec::Vec<::core::primitive::u8>"
_STRING = "::std::string::String"
_PACKED = "(::core::primitive::bool, ::std::vec::Vec<::core::primitive::u8>)"


def entry(plan: Plan, types: CustomTypes) -> Entry:
    """The entry and the shim of a plan."""
    if not plan.own:
        return _std_entry(plan)
    words = [render(parameter.type, erased=True) for parameter in _in_words(plan)]
    parameters = [f"a{plan.parameters.index(parameter)}" for parameter in _in_words(plan)]
    if plan.packed:
        words.append(_BYTES)
        parameters.append("input")
    if plan.asks:
        words.append(_ASK)
        parameters.append("ask")
    result = _PACKED if plan.returns.kind == "packed" else rust(plan.returns.type) or "()"
    returns = f"::core::result::Result<{result}, {_STRING}>"
    signature = ", ".join(f"{name}: {type_}" for name, type_ in zip(parameters, words, strict=True))
    body = _read(plan, _call(plan, plan.call or f"super::{plan.path}", types), types)
    text = f"pub fn ENTRY({signature}) -> {returns} {{\n{_indent(body, 1)}}}"
    shapes = [parameter.shape for parameter in plan.parameters] + [plan.returns.shape]
    shapes += [plan.returns.goes_on.shape] if plan.returns.goes_on else []
    shapes += [plan.returns.err] if plan.returns.err else []
    support = tuple(_support(custom, types) for custom in types.reachable(*shapes))
    support = support or ("",)  # what is empty makes the codec be linked
    return Entry(plan.path, text, _shim(f"fn({', '.join(words)}) -> {returns}", _own_body(plan)), support)


def measuring_shim(plan: Plan, shim: str) -> str:
    """The shim by which a target is timed; ``shim`` is the one by which it is called.

    Where arguments are made of what lies in words and buffers, or the result is packed, the call proper is
    timed; but conversions of the file's types are a part of the entry, and count.
    """
    by_call = not plan.own and (
        bool(plan.packed)
        or plan.returns.kind == "packed"
        or any(
            parameter.kind in {"read", "text"} and not _borrows(parameter) for parameter in plan.parameters
        )
    )
    body = _own_body(plan, "timed!") if plan.own else _std_body(plan, "timed!")
    timed = f"macro_rules! timed {{ ($($value:expr),*) => {{ clock.time(|| entry($($value),*)) }} }}\n{body}"
    return _instrument(
        "Clock, Frame, Slot, measure",
        shim,
        f"let invoke = |entry: Entry, frame: &mut Frame<'_>, clock: &Clock| {{\n{_indent(timed, 1)}}};\n"
        f"unsafe {{ measure(slot, words, {str(by_call).lower()}, invoke) }}\n",
    )


def mapping_shim(plan: Plan, shim: str) -> str:
    """The shim by which a target is called for each element of arrays. All its types are scalars."""
    types = [render(parameter.type) for parameter in plan.parameters]
    takes = "".join(f"frame.take::<Column<{type_}>>(), " for type_ in types)
    gets = ", ".join(f"columns.{number}.get(index)" for number in range(len(types)))
    # Beside the file's types an entry says whether it could read its arguments; scalars it always can.
    taken = '.unwrap_or_else(|refused| panic!("{refused}"))' if plan.own else ""
    columns = "".join(f"Column<{type_}>, " for type_ in types)
    return _instrument(
        "Column, Frame, Slot, map",
        shim,
        f"let columns = |frame: &mut Frame<'_>| unsafe {{ ({takes}) }};\n"
        f"let invoke = |entry: Entry, columns: &({columns}), index: usize| "
        f"unsafe {{ entry({gets}){taken} }};\n"
        "unsafe { map(slot, words, columns, invoke) }\n",
    )


def _borrows(parameter: ParameterPlan) -> bool:
    return isinstance(parameter.type, Reference)


def _std_entry(plan: Plan) -> Entry:
    names = [f"a{index}" for index in range(len(plan.parameters))]
    declared = [render(parameter.type) for parameter in plan.parameters]
    returns = rust(plan.returns.type)
    arrow = f" -> {returns}" if returns else ""
    signature = ", ".join(f"{name}: {type_}" for name, type_ in zip(names, declared, strict=True))
    arguments = [_handed(name, parameter) for name, parameter in zip(names, plan.parameters, strict=True)]
    called = f"super::{plan.path}" if plan.constant else f"super::{plan.path}({', '.join(arguments)})"
    text = f"pub fn ENTRY{plan.lifetimes}({signature}){arrow} {{ {called} }}"
    binder = f"for{plan.lifetimes} " if plan.lifetimes else ""
    type_ = f"{binder}fn({', '.join(declared)}){arrow}"
    return Entry(plan.path, text, _shim(type_, _std_body(plan)))


def _std_body(plan: Plan, function: str = "entry") -> str:
    """How a shim takes the arguments and calls the entry, where only std types cross."""
    if not plan.packed and plan.returns.kind != "packed":
        return _takes(len(plan.parameters), function)
    takes = "".join(
        f"let a{index} = unsafe {{ frame.take() }};\n"
        for index, parameter in enumerate(plan.parameters)
        if parameter.kind != "packed"
    )
    if plan.packed:
        takes += f"let input: {_BYTES} = unsafe {{ frame.take() }};\n"
    return takes + _read(plan, _call(plan, function))


def _in_words(plan: Plan) -> list[ParameterPlan]:
    return [parameter for parameter in plan.parameters if parameter.kind != "packed"]


def _own_body(plan: Plan, function: str = "entry") -> str:
    """How a shim calls an entry that does the work itself."""
    return _takes(len(_in_words(plan)) + bool(plan.packed), function, plan.asks)


def _takes(count: int, function: str = "entry", asks: bool = False) -> str:
    names = [f"a{index}" for index in range(count)]
    takes = "".join(f"let {name} = unsafe {{ frame.take() }};\n" for name in names)
    arguments = [*names, "symbiont_runtime::ask"] if asks else names
    return f"{takes}{function}({', '.join(arguments)})\n"


def _read(plan: Plan, call: str, types: CustomTypes | None = None) -> str:
    """``call`` with the packed arguments read before it."""
    if not plan.packed and not plan.lends:
        return call
    takes = ""
    for index, parameter in enumerate(plan.parameters):
        if parameter.kind == "packed":
            mutable = "mut " if parameter.back else ""
            type_ = render(parameter.owned, erased=True)
            takes += f"let {mutable}a{index}: {type_} = reader.take()?;\n"
    takes += "reader.end()?;\n"
    if types is not None:
        takes += "".join(_claims(plan, types))
    if plan.lends:
        head = f"{_CODEC}::lend({'input' if plan.packed else '&[]'}, |reader, lender|"
    else:
        head = f"{_CODEC}::{'read_for_ever' if plan.for_ever else 'read'}(input, |reader|"
    return f"{head} -> ::core::result::Result<_, {_STRING}> {{\n{_indent(takes + call, 1)}}})\n"


def _claims(plan: Plan, types: CustomTypes) -> Iterator[str]:
    """Objects are borrowed first and taken last: what cannot be borrowed must not cost one that was taken."""
    lender = "lender" if plan.lends else ""
    for index, parameter in enumerate(plan.parameters):
        if parameter.passed in {"lent", "lent_mutable"} and isinstance(parameter.type, Reference):
            mutable, how = ("mut ", "exclusive") if parameter.passed == "lent_mutable" else ("", "shared")
            type_ = object_type(parameter.type.inner, types)
            yield f"let {mutable}a{index} = {borrowed(f'a{index}', type_, how, lender)};\n"
    for index, parameter in enumerate(plan.parameters):
        if parameter.passed == "moved":
            yield f"let a{index} = {lift(f'a{index}', parameter.type, types, lender)};\n"


def _call(plan: Plan, function: str, types: CustomTypes | None = None) -> str:
    """The call, and its result as a `Result` with what the frame is to hold.

    A shim is trusted code, and reborrows what comes back by a pointer: a signature may borrow it for longer
    than the call (``&'a mut Vec<&'a str>``). Beside the file, where the types are, there is no such thing.
    """
    trusted = types is None
    arguments = [
        _argument(f"a{index}", parameter, trusted=trusted) for index, parameter in enumerate(plan.parameters)
    ]
    if not trusted:
        arguments = [_handed(*each) for each in zip(arguments, plan.parameters, strict=True)]
    if "{0}" in function:
        called = function.format(*arguments)
    else:
        called = function if plan.constant and not trusted else f"{function}({', '.join(arguments)})"
    if plan.chained:
        told = '"gone: it returned another value of its type than its own, and that stays in Rust"'
        called = (
            f"{{ let own = &raw const *a0; if !::core::ptr::eq({called}, own) "
            f"{{ return {_ERR}({_STRING}::from({told})); }} }}"
        )
    if plan.returns.kind != "packed":
        return f"{_OK}({_kept_on(plan, called)})\n"
    lines = [f"let result = {called};"]
    if types is not None and types.has_objects(plan.returns.type):
        lower_ = lower("result", plan.returns.type, types, "lender" if plan.lends else "")
        lines.append(f"let result = {lower_};")
    lines.append(f"let mut writer = {_CODEC}::Writer::new();")
    if plan.back:
        lines.append(f"writer.elements({1 + len(plan.back)});")
    if plan.returns.err is None:
        lines += ["let failed = false;", "writer.put(&result);"]
    else:
        lines += [
            "let failed = result.is_err();",
            "match &result {",
            f"    {_OK}(value) => writer.put(value),",
            f"    {_ERR}(error) => writer.put(error),",
            "}",
        ]
    lines.append("::core::mem::drop(result);")
    for index, parameter in enumerate(plan.parameters):
        if parameter.back:
            lines.append(f"writer.{'memory' if parameter.memory else 'put'}(&a{index});")
    lines.append(f"{_OK}((failed, writer.finish()?))")
    return "".join(f"{line}\n" for line in lines)


def _kept_on(plan: Plan, called: str) -> str:
    """A result that is not packed; of what goes on, the number by which it is kept."""
    if plan.returns.goes_on is None:
        return called
    return f"lender.keep({plan.returns.goes_on.rust.format(called)}).number()"


def _handed(argument: str, parameter: ParameterPlan) -> str:
    """What the function itself gets: an iterator where it wants one."""
    return parameter.handed.format(argument) if parameter.handed else argument


def _argument(name: str, parameter: ParameterPlan, *, trusted: bool) -> str:
    if parameter.kind != "packed" or parameter.passed in {"value", "moved"}:
        return name
    if parameter.passed == "lent":
        return f"&*{name}"
    if parameter.passed == "lent_mutable":
        return f"&mut *{name}"
    if parameter.passed == "shared":
        return f"&{name}"
    if parameter.passed == "mutable":
        return f"unsafe {{ &mut *(&raw mut {name}) }}" if trusted else f"&mut {name}"
    return f"unsafe {{ (*(&raw mut {name})).as_mut() }}" if trusted else f"{name}.as_mut()"


def no_entry() -> Entry:
    """What stands in the place of an entry that rustc refuses; nothing calls it."""
    return Entry("nothing", "pub fn ENTRY() {}", _shim("fn()", _takes(0)))


def save_entry(custom: CustomType, types: CustomTypes) -> Entry:
    """The entry by which an object's fields are read, to carry it elsewhere."""
    text = (
        f"pub fn ENTRY(object: ::core::primitive::u64) -> ::core::result::Result<{_PACKED}, {_STRING}> {{\n"
        f"    let kept = {_CODEC}::Object::from(object).shared::<{render(custom.type)}>()?;\n"
        f"    let mut writer = {_CODEC}::Writer::new();\n"
        "    writer.put(&*kept);\n"
        f"    {_OK}((false, writer.finish()?))\n"
        "}"
    )
    shim = _shim(f"fn(::core::primitive::u64) -> ::core::result::Result<{_PACKED}, {_STRING}>", _takes(1))
    return Entry(f"save {custom.shown}", text, shim, _carried(custom, types))


def load_entry(custom: CustomType, types: CustomTypes) -> Entry:
    """The entry that makes an object of its fields."""
    returns = f"::core::result::Result<::core::primitive::u64, {_STRING}>"
    text = (
        f"pub fn ENTRY(input: {_BYTES}) -> {returns} {{\n"
        f"    {_CODEC}::lend(input, |reader, lender| -> {returns} {{\n"
        f"        let value: {render(custom.type)} = reader.take()?;\n"
        "        reader.end()?;\n"
        f"        {_OK}(lender.keep(value).number())\n"
        "    })\n"
        "}"
    )
    shim = _shim(f"fn({_BYTES}) -> {returns}", _takes(1))
    return Entry(f"load {custom.shown}", text, shim, _carried(custom, types))


def drop_entry() -> Entry:
    """The entry that drops any object."""
    text = f"pub fn ENTRY(object: ::core::primitive::u64) {{ {_CODEC}::forget(object) }}"
    # What is empty here makes the codec be linked.
    return Entry("drop", text, _shim("fn(::core::primitive::u64)", _takes(1)), ("",))


def resume_entry() -> Entry:
    """The entry that goes on with an iterator or a closure."""
    returns = f"::core::result::Result<{_PACKED}, {_STRING}>"
    asks = f"::core::primitive::u64, {_BYTES}"
    text = (
        f"pub fn ENTRY(object: ::core::primitive::u64, input: {_BYTES}) -> {returns} "
        f"{{ {_CODEC}::resume(object, input) }}"
    )
    return Entry("resume", text, _shim(f"fn({asks}) -> {returns}", _takes(2)), ("",))


def _carried(custom: CustomType, types: CustomTypes) -> tuple[str, ...]:
    inside = types.reachable(custom.shape, inside=True)
    return (_kept(custom), *(conversions(each, types) for each in inside))


def _support(custom: CustomType, types: CustomTypes) -> str:
    return _kept(custom) if custom.is_object else conversions(custom, types)


def _kept(custom: CustomType) -> str:
    """What lets values of a type be kept."""
    constants = "".join(
        f"    const {name}: ::core::primitive::bool = "
        f"{{ use {_CODEC}::Neither as _; {_CODEC}::Is::<{render(custom.type)}>::{name} }};\n"
        for name in ("SEND", "SYNC")
    )
    return (
        f"impl {_CODEC}::Kept for {render(custom.type)} {{\n"
        f'    const NAME: &\'static ::core::primitive::str = "{custom.shown}";\n{constants}}}\n'
    )


def _shim(type_: str, body: str) -> str:
    return _crate(
        "Frame, Slot, call",
        type_,
        f"let invoke = |entry: Entry, frame: &mut Frame<'_>| {{\n{_indent(body, 1)}}};\n"
        "unsafe { call(slot, words, invoke) }\n",
    )


def _instrument(used: str, shim: str, body: str) -> str:
    """A shim for entries of the same type as another one's."""
    type_ = shim.partition(_TYPE)[2].partition(";\n")[0]
    return _crate(used, type_, body)


def _crate(used: str, type_: str, body: str) -> str:
    return (
        f"//! The shim of `{type_}`.\n\n"
        f"use symbiont_runtime::{{{used}}};\n\n"
        f"{_TYPE}{type_};\n\n"
        "/// # Safety\n/// `slot` holds an `Entry` and `words` its frame.\n"
        "#[unsafe(no_mangle)]\n"
        'pub unsafe extern "C" fn symbiont_call(slot: *const Slot, words: *mut u64) -> u32 {\n'
        f"{_indent(body, 1)}"
        "}\n"
    )


def conversions(custom: CustomType, types: CustomTypes) -> str:
    """How values of a type of the file are read and written: plain code, from the declaration."""
    name = f"{OWN}{custom.declaration.path}"
    count = len(custom.declaration.lifetimes)
    inside = [*["{0}"] * count, *map(render, custom.shape.arguments)]
    generics = f"<{', '.join(inside)}>" if inside else ""
    read = _read_plain(custom) if custom.plain else _read_variants(custom)
    write = _write_plain(custom) if custom.plain else _write_variants(custom)
    shapes = [field.shape for variant in custom.variants for field in variant.fields]
    # What it borrows for ever can only come from what is read for ever.
    life, bound = (
        ("'static", "")
        if ((custom.is_object and custom.declaration.lifetimes) or types.for_ever(custom.shape))
        else ("'a", "<'a>")
    )
    reads = (
        f"impl{bound} {_CODEC}::Unpack<{life}> for {name}{generics.format(life)} {{\n"
        f"    fn unpack(reader: &mut {_CODEC}::Reader<{life}>)\n"
        f"    -> ::core::result::Result<Self, {_CODEC}::Error> {{\n"
        f"{_indent(read, 2)}"
        "    }\n"
        "}\n"
    )
    writes = (
        f"impl {_CODEC}::Pack for {name}{generics.format(chr(39) + '_')} {{\n"
        f"    fn pack(&self, writer: &mut {_CODEC}::Writer) {{\n"
        f"{_indent(write, 2)}"
        "    }\n"
        "}\n"
    )
    return writes if any(types.is_message(shape) for shape in shapes) else reads + writes


def _read_plain(custom: CustomType) -> str:
    arms = [f"    {variant.number} => {_OK}({variant.rust} {{}}),\n" for variant in custom.variants]
    return (
        "match reader.take::<::core::primitive::i64>()? {\n"
        f"{''.join(arms)}"
        f"    _ => {_ERR}(reader.no_variant()),\n"
        "}\n"
    )


def _write_plain(custom: CustomType) -> str:
    arms = [f"    {variant.rust} {{}} => &{variant.number},\n" for variant in custom.variants]
    return f"writer.put::<::core::primitive::i64>(match self {{\n{''.join(arms)}}});\n"


def _read_variants(custom: CustomType) -> str:
    if not custom.is_enum:
        (variant,) = custom.variants
        return f"reader.array({len(variant.fields)}, |reader| {_OK}({_built(variant)}))\n"
    arms = [
        f"    ({variant.number}, {len(variant.fields)}) => {_OK}({_built(variant)}),\n"
        for variant in custom.variants
    ]
    return (
        "reader.variant(|reader, number, fields| match (number, fields) {\n"
        f"{''.join(arms)}"
        f"    _ => {_ERR}(reader.no_variant()),\n"
        "})\n"
    )


def _built(variant: CustomVariant) -> str:
    fields = [
        f"{field.rust}: reader.take::<{render(field.type, erased=True)}>()?" for field in variant.fields
    ]
    return f"{variant.rust} {{ {', '.join(fields)} }}"


def _write_variants(custom: CustomType) -> str:
    arms = []
    for variant in custom.variants:
        pattern = ", ".join(f"{field.rust}: f{index}" for index, field in enumerate(variant.fields))
        puts = [f"writer.put::<::core::primitive::i64>(&{variant.number});"] if custom.is_enum else []
        puts += [f"writer.put(f{index});" for index in range(len(variant.fields))]
        inside = f"|writer| {{ {' '.join(puts)} }}"
        arms.append(f"    {variant.rust} {{ {pattern} }} => writer.array({len(puts)}, {inside}),\n")
    return f"match self {{\n{''.join(arms)}}}\n"


def _indent(text: str, levels: int) -> str:
    return "".join(f"{'    ' * levels}{line}\n" for line in text.splitlines())
