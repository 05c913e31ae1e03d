"""From the text of a setting to its value. Each raises ValueError with what is wrong with the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_SWITCH = {
    "on": True,
    "true": True,
    "yes": True,
    "1": True,
    "off": False,
    "false": False,
    "no": False,
    "0": False,
}
_SUITE = "/suite"


class Limit(NamedTuple):
    """How much of something a session may use, and how much one suite; None where there is no limit."""

    session: float | None = None
    suite: float | None = None


class Price(NamedTuple):
    """What a model costs, in money a million tokens. ``pattern`` is its name, with ``*`` for any text."""

    pattern: str
    prompt: float
    generated: float


def switch(text: str) -> bool:
    if text.lower() not in _SWITCH:
        raise ValueError(f"{text!r} is not valid; use on or off")
    return _SWITCH[text.lower()]


def allowed(text: str) -> frozenset[str]:
    from pytest_symbiont.source import allowance  # noqa: PLC0415 - dormant without --evolve

    try:
        return allowance.parse(text)
    except ValueError as word:
        known = ", ".join((*allowance.DOORS, *allowance.WORDS))
        raise ValueError(
            f"{str(word)!r} is not valid; choose from {known}, or name an attribute as #[repr]"
        ) from None


def count(lowest: int) -> Callable[[str], int]:
    """A parser of whole numbers of at least ``lowest``."""

    def parse(text: str) -> int:
        try:
            number = int(text.replace("_", ""))
        except ValueError:
            raise ValueError(f"{text!r} is not a whole number") from None
        if number < lowest:
            raise ValueError(f"{text!r} is not valid; use {lowest} or more")
        return number

    return parse


def seconds(text: str) -> float:
    number = _number(text, "a number of seconds")
    if not 0 < number < float("inf"):
        raise ValueError(f"{text!r} is not valid; use a number of seconds above 0")
    return number


def share(most: float, *, above: bool = False) -> Callable[[str], float]:
    """A parser of numbers from 0 to ``most``; ``above`` leaves 0 out."""

    def parse(text: str) -> float:
        number = _number(text, "a number")
        if not (0 < number <= most if above else 0 <= number <= most):
            lowest = "above 0" if above else "from 0"
            raise ValueError(f"{text!r} is not valid; use a number {lowest} to {most:g}")
        return number

    return parse


def limit(text: str) -> Limit:
    """``2.5``, ``0.5/suite``, or both with a comma between."""
    return _limit(text, _above_zero)


def whole_limit(text: str) -> Limit:
    """The same in whole numbers."""
    return _limit(text, count(1))


def _limit(text: str, parse: Callable[[str], float]) -> Limit:
    session = suite = None
    for part in filter(None, (part.strip() for part in text.split(","))):
        number = parse(part.removesuffix(_SUITE))
        if part.endswith(_SUITE):
            suite = number
        else:
            session = number
    return Limit(session, suite)


def _above_zero(text: str) -> float:
    number = _number(text.replace("_", ""), "a number")
    if not 0 < number < float("inf"):
        raise ValueError(f"{text!r} is not valid; use a number above 0")
    return number


def prices(texts: tuple[str, ...]) -> tuple[Price, ...]:
    """``MODEL=PROMPT,GENERATED`` each: money for a million tokens of prompts and of answers."""
    found = []
    for text in texts:
        pattern, _, numbers = text.rpartition("=")
        prompt, comma, generated = numbers.partition(",")
        try:
            price = Price(pattern.strip(), float(prompt), float(generated))
        except ValueError:
            price = Price("", 0.0, 0.0)
        if not (price.pattern and comma and price.prompt >= 0 and price.generated >= 0):
            raise ValueError(
                f"{text!r} is not valid; write MODEL=PROMPT,GENERATED with the prices of a million tokens"
            )
        found.append(price)
    return tuple(found)


def json_object(text: str) -> str:
    """A JSON object, as text."""
    import json  # noqa: PLC0415 - pytest imports this module in every session

    try:
        value: Any = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - as every parser here
            f'{text!r} is not a JSON object; write it like {{"top_k": 20}}'
        )
    return text


def _number(text: str, kind: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not {kind}") from None
