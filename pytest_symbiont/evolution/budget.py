"""What a session and each of its suites may cost, and what they have cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, Protocol

from pytest_symbiont.setting_values import Price

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_symbiont.models.values import Answer, Message, Tool
    from pytest_symbiont.setting_values import Limit
    from pytest_symbiont.settings import Settings

_MILLION = 1_000_000
# What a chat template adds to a message, and a server to a prompt.
_AROUND_MESSAGE = 32
_AROUND_PROMPT = 64
# And where there are tools: Anthropic's own words about them are several hundred tokens.
_AROUND_CALL = 64
_AROUND_TOOLS = 1_024
# Less than this is no answer worth its prompt.
_LEAST_BOUGHT = 64


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one call may cost at most; ``tokens`` are those that its answer may have, ``cost`` is money."""

    tokens: int
    cost: float
    price: Price


@dataclass(frozen=True, slots=True)
class _Held:
    """What is kept from everybody else, for answers that will be given again."""

    answers: int = 0
    tokens: int = 0
    money: float = 0.0


@dataclass(slots=True)
class _Purse:
    """One budget: its limits, what is used, what calls under way may use, and what is held by suite."""

    whose: Literal["session", "suite"]
    answers: float | None
    tokens: float | None
    money: float | None
    seconds: float | None
    used_answers: int = 0
    used_tokens: int = 0
    used_money: float = 0.0
    under_way: list[Reservation] = field(default_factory=list)
    held: dict[object, _Held] = field(default_factory=dict)

    def lacking(self, least: Price, prompt: int) -> str:
        """What is used up, in words; empty where another call may be made."""
        its = f"the {self.whose}'s"
        begun = self.used_answers + len(self.under_way) + sum(held.answers for held in self.held.values())
        if self.answers is not None and begun >= self.answers:
            return f"{its} {self.answers:,.0f} answers are used up; allow more with --evolve-answers"
        if self.tokens is not None and self._left_tokens < 1:
            return (
                f"{its} {self.tokens:,.0f} generated tokens are used up; allow more with --evolve-max-tokens"
            )
        if self.money is not None and self.room(least, prompt, _LEAST_BOUGHT) < _LEAST_BOUGHT:
            return (
                f"what is left of {its} budget of {self.money:g} may not pay for another answer; "
                "allow more with --evolve-budget"
            )
        return ""

    def room(self, price: Price, prompt: int, most: int) -> int:
        """How many tokens the next answer may have."""
        room = float(most)
        if self.tokens is not None:
            room = min(room, self._left_tokens)
        if self.money is not None:
            left = self.money - self.used_money - sum(call.cost for call in self.under_way)
            left -= sum(held.money for held in self.held.values())
            after_prompt = left - prompt * price.prompt / _MILLION
            if after_prompt < 0:
                return 0
            if price.generated:
                room = min(room, after_prompt * _MILLION / price.generated)
        return max(0, int(room))

    @property
    def _left_tokens(self) -> float:
        assert self.tokens is not None  # noqa: S101 - asked only where there is a limit
        left = self.tokens - self.used_tokens - sum(call.tokens for call in self.under_way)
        return left - sum(held.tokens for held in self.held.values())


class Budget:
    """The session's budget; `suite` gives one for a suite, which spends from both.

    Before a call its price is reserved as high as it can be, so that calls under way beside each other cannot
    go over a limit together: a prompt has no more tokens than bytes, and an answer no more than it may have.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._session = _purse("session", settings)
        self._seconds = self._since = 0.0
        self._evolving = 0

    def suite(self) -> SuiteBudget:
        """The budget of a suite whose evolution begins now."""
        if not self._evolving:
            self._since = self._clock()
        self._evolving += 1
        return SuiteBudget(self, self._settings, self._session, self._clock)

    def ended(self) -> None:
        """A suite's evolution is over."""
        seconds = self.seconds
        self._evolving -= 1
        if not self._evolving:
            self._seconds = seconds

    @property
    def seconds(self) -> float:
        """How long evolution took by now; suites that evolve beside each other count once."""
        return self._seconds + (self._clock() - self._since if self._evolving else 0.0)


class Spending(Protocol):
    """The seam to what a suite may spend; `SuiteBudget` says what each does."""

    @property
    def cost(self) -> float: ...

    def reserve(
        self, messages: Sequence[Message], model: str, tools: Sequence[Tool] = ()
    ) -> Reservation | str: ...

    def settle(self, reservation: Reservation, answer: Answer) -> None: ...

    def release(self, reservation: Reservation) -> None: ...

    def give_up(self, reservation: Reservation) -> None: ...

    def late(self) -> str: ...

    def end(self) -> None: ...


class SuiteBudget:
    """What a suite spends, of its own and of the session's; `end` it when its evolution is over."""

    def __init__(
        self, session: Budget, settings: Settings, shared: _Purse, clock: Callable[[], float]
    ) -> None:
        self._session = session
        self._settings = settings
        self._purses = (shared, _purse("suite", settings))
        self._clock = clock
        self._began = clock()
        self.cost = 0.0

    def reserve(
        self, messages: Sequence[Message], model: str, tools: Sequence[Tool] = ()
    ) -> Reservation | str:
        """Room for one call, or what is used up, in words."""
        mine = self._purses[0].held.pop(self, None)
        try:
            return self._reserved(messages, model, tools)
        finally:
            if mine is not None:
                self._purses[0].held[self] = mine

    def _reserved(self, messages: Sequence[Message], model: str, tools: Sequence[Tool]) -> Reservation | str:
        price = price_of(model, self._settings.prices)
        prompt = _prompt_bound(messages, tools)
        for purse in self._purses:
            if lacking := purse.lacking(price, prompt):
                return lacking
        room = min(purse.room(price, prompt, self._settings.answer_tokens) for purse in self._purses)
        cost = (prompt * price.prompt + room * price.generated) / _MILLION
        reservation = Reservation(room, cost, price)
        for purse in self._purses:
            purse.under_way.append(reservation)
        return reservation

    def settle(self, reservation: Reservation, answer: Answer) -> None:
        """The answer is there: what it did cost takes the place of what it might have cost."""
        self.release(reservation)
        cost = _cost(reservation, answer)
        self.cost += cost
        for purse in self._purses:
            purse.used_answers += 1
            purse.used_tokens += answer.generated_tokens
            purse.used_money += cost
        shared = self._purses[0]
        if self in shared.held:
            held = shared.held[self]
            shared.held[self] = _Held(
                max(0, held.answers - 1),
                max(0, held.tokens - answer.generated_tokens),
                max(0.0, held.money - cost),
            )

    def release(self, reservation: Reservation) -> None:
        """The server did not do what it was asked for, and there is nothing to pay."""
        for purse in self._purses:
            purse.under_way.remove(reservation)

    def give_up(self, reservation: Reservation) -> None:
        """The call was ended without an answer. The server may have done all of it, and wants its money."""
        self.release(reservation)
        self.cost += reservation.cost
        for purse in self._purses:
            purse.used_money += reservation.cost

    def late(self) -> str:
        """In words, that time is up; empty where it is not."""
        ran = self._clock() - self._began
        for purse, seconds in zip(self._purses, (self._session.seconds, ran), strict=True):
            if purse.seconds is not None and seconds >= purse.seconds:
                return f"the {purse.whose}'s {purse.seconds:g} s are over; allow more with --evolve-max-time"
        return ""

    def end(self) -> None:
        """The suite's time runs no more."""
        self._purses[0].held.pop(self, None)
        self._session.ended()

    def take_over(self, lost: SuiteBudget) -> None:
        """Go on with a suite whose budget was ended in the middle: its answers are given and paid for again.

        What they did cost, and what calls under way may cost, is held until then, so that no other suite
        spends it meanwhile.
        """
        shared, theirs = lost._purses
        shared.used_answers -= theirs.used_answers
        shared.used_tokens -= theirs.used_tokens
        shared.used_money -= theirs.used_money
        for reservation in theirs.under_way:
            shared.under_way.remove(reservation)
        shared.held[self] = _Held(
            theirs.used_answers + len(theirs.under_way),
            theirs.used_tokens + sum(call.tokens for call in theirs.under_way),
            theirs.used_money + sum(call.cost for call in theirs.under_way),
        )


def price_of(model: str, prices: Sequence[Price]) -> Price:
    """The first price whose pattern is the model's name; nothing where there is none."""
    return next((price for price in prices if fnmatchcase(model, price.pattern)), Price(model, 0.0, 0.0))


def _purse(whose: Literal["session", "suite"], settings: Settings) -> _Purse:
    def of(limit: Limit) -> float | None:
        return limit.session if whose == "session" else limit.suite

    return _Purse(
        whose, of(settings.answers), of(settings.max_tokens), of(settings.budget), of(settings.max_time)
    )


def _prompt_bound(messages: Sequence[Message], tools: Sequence[Tool]) -> int:
    """The most tokens that a prompt can have: byte-level tokenizers have none for less than a byte."""
    size = sum(len(message.content.encode(errors="replace")) + _AROUND_MESSAGE for message in messages)
    calls = [call for message in messages for call in message.calls]
    size += sum(_size(call.id, call.name, call.arguments) + _AROUND_CALL for call in calls)
    size += sum(_size(tool.name, tool.description, tool.parameters) + _AROUND_CALL for tool in tools)
    return size + _AROUND_PROMPT + (_AROUND_TOOLS if tools else 0)


def _size(*texts: str) -> int:
    return sum(len(text.encode(errors="replace")) for text in texts)


def _cost(reservation: Reservation, answer: Answer) -> float:
    """What the answer did cost; where the server did not count, the most that it can have."""
    if not answer.counted:
        return reservation.cost
    price = reservation.price
    return (answer.prompt_tokens * price.prompt + answer.generated_tokens * price.generated) / _MILLION
