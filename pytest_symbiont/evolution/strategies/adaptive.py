"""`adaptive`: decides at every step what is likely to gain most for its tokens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.ladder import BREAKS_OFF, NO_CODE, NOT_COMPILED, ONLY_CALLED, REFUSED, REPEATED
from pytest_symbiont.evolution.lineage import passes
from pytest_symbiont.evolution.order import compare
from pytest_symbiont.evolution.strategies.hints import HINTS
from pytest_symbiont.evolution.strategies.payoff import Payoffs, Tally
from pytest_symbiont.evolution.strategies.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_symbiont.evolution.lineage import Lineage
    from pytest_symbiont.evolution.strategies.protocol import Room
    from pytest_symbiont.evolution.values import Attempt

FRESH, HINT, COMBINE = "fresh", "hint", "combine"
REPAIR_NEAR, REPAIR_FAR = "repair near", "repair far"
REPAIR_UNCOMPILED, REPAIR_UNUSABLE = "repair uncompiled", "repair unusable"
IMPROVE, IMPROVE_HINT, IMPROVE_AFRESH = "improve", "improve hint", "improve afresh"

# What one try of an arm gains (1 is a green body) and costs in generated tokens, before anything was seen:
# of the local 1.5B model, on tasks that its first answer did not solve.
DEFAULTS: Mapping[str, Tally] = {
    FRESH: Tally(1, 0.14, 120),
    HINT: Tally(1, 0.13, 120),
    COMBINE: Tally(1, 0.15, 120),
    REPAIR_NEAR: Tally(1, 0.25, 120),
    REPAIR_FAR: Tally(1, 0.17, 120),
    REPAIR_UNCOMPILED: Tally(1, 0.22, 120),
    REPAIR_UNUSABLE: Tally(1, 0.17, 120),
    IMPROVE: Tally(1, 0.15, 120),
    IMPROVE_HINT: Tally(1, 0.14, 120),
    IMPROVE_AFRESH: Tally(1, 0.10, 120),
}
ARMS = tuple(DEFAULTS)
# A body that was mended in vain is less likely to be mended the next time.
_FADES = 0.45
# A body that was there before is no parent: it is told to whoever is asked about the first of its kind.
_UNTRIED = (NO_CODE, ONLY_CALLED, BREAKS_OFF, REFUSED, NOT_COMPILED)
# With this share of its tests green a body is a near miss.
_NEAR = 0.5
# What a better score is worth beside a green body.
_WORTH_OF_SCORE = 0.4
_WARMER = 0.1
_MOST_QUOTED = 6
_MOST_FAMILIES = 16


@dataclass(frozen=True, slots=True)
class _Option:
    """One thing that could be asked next, and how likely it is to help compared with its arm's usual."""

    arm: str
    quoted: tuple[Attempt, ...] = ()
    factor: float = 1.0
    hint: str = ""


class Adaptive:
    """A bandit over kinds of steps and over models, by measured gain for generated tokens.

    At each step it weighs a fresh sample, the mending of each body that is worth it (one of a cluster of the
    same behaviour), the recombination of two that are right about different tests, and a fresh sample with a
    hint, and takes what promises most. What failed counts against its arm at once, so that it moves on by
    itself; lanes of a round share out. ``arms`` leaves some of them out, to see what they are worth.
    """

    name = "adaptive"
    wants_all = True

    def __init__(self, payoffs: Payoffs | None = None, *, arms: Iterable[str] = ARMS) -> None:
        self.payoffs = payoffs or Payoffs(DEFAULTS)
        self._arms = frozenset(arms)
        self._best: Attempt | None = None

    def propose(self, lineage: Lineage, room: Room) -> Sequence[Query]:
        taken: list[tuple[str, int, tuple[Attempt, ...]]] = []
        queries = []
        for lane in range(room.lanes):
            query = self._next(lineage, room, lane, taken)
            taken.append((query.arm, query.model or 0, query.quoted))
            queries.append(query)
        return queries

    def observe(self, attempt: Attempt) -> None:
        gain = _gain(attempt, self._best)
        if self._best is None or compare(attempt, self._best) > 0:
            self._best = attempt
        if attempt.decision.arm in DEFAULTS:
            self.payoffs.observe(attempt.decision.model, attempt.decision.arm, gain, attempt.generated_tokens)

    def _next(
        self,
        lineage: Lineage,
        room: Room,
        lane: int,
        taken: Sequence[tuple[str, int, tuple[Attempt, ...]]],
    ) -> Query:
        """The most promising option. Of equals the first, with the model whose turn it is."""
        if not lineage.attempts and not taken:
            return Query(lane, FRESH, room.temperature, hint=room.hint(lane), model=self._turn(room, lane, 0),
                         why="nothing was tried yet")  # fmt: skip
        pending = Counter((arm, model) for arm, model, _ in taken)
        used = Counter(_numbers(quoted) for _, _, quoted in taken if quoted)
        best: tuple[float, _Option, int] | None = None
        for option in self._options(lineage, room):
            for turn in range(len(room.models)):
                model = self._turn(room, lane, turn)
                gain, tokens = self.payoffs.expected(
                    room.models[model], option.arm, pending[option.arm, model]
                )
                worth = gain * option.factor * _FADES ** used[_numbers(option.quoted)] / tokens
                if best is None or worth > best[0]:
                    best = worth, option, model
        assert best is not None  # noqa: S101 - a fresh sample is always an option
        worth, option, model = best
        return Query(
            lane,
            option.arm,
            self._temperature(option, lineage, room),
            option.quoted,
            combine=option.arm == COMBINE,
            hint=option.hint or ("" if option.quoted else room.hint(lane)),
            model=model,
            why=f"promises {worth * 1000:.2f} for 1,000 tokens",
        )

    def _turn(self, room: Room, lane: int, turn: int) -> int:
        return (lane + room.round - 1 + turn) % len(room.models)

    def _temperature(self, option: _Option, lineage: Lineage, room: Room) -> float:
        if not option.quoted:
            return room.hotter(_WARMER if lineage.attempts else 0.0)
        step = option.quoted[-1].step
        return room.hotter(step.warmer if step else 0.0)

    def _options(self, lineage: Lineage, room: Room) -> list[_Option]:
        if room.improving:
            options = [*_improvements(lineage), *_hints(lineage, room), _Option(IMPROVE_AFRESH)]
        else:
            options = [
                *_repairs(lineage),
                *_combinations(lineage),
                *_hints(lineage, room),
                _Option(FRESH),
            ]
        return [option for option in options if option.arm in self._arms] or options[-1:]


def _repairs(lineage: Lineage) -> list[_Option]:
    """One option for each cluster of the same behaviour, and one for each answer that was not tried.

    Of many, those that came up last: what has been there for long has had its turns.
    """
    families = [members for members in lineage.clusters.values() if members[0].step is not None]
    families += [(attempt,) for attempt in lineage.attempts if attempt.step in _UNTRIED]
    families.sort(key=lambda family: family[-1].number)
    leader = lineage.best
    shown = [family for family in families[:-_MOST_FAMILIES] if leader in family]
    shown += families[-_MOST_FAMILIES:]
    return [_Option(_arm_of(family[0]), *_told(family, lineage)) for family in shown]


def _improvements(lineage: Lineage) -> list[_Option]:
    """One option for each green body of the front."""
    greens = [attempt for attempt in lineage.front if attempt.step is None]
    return [_Option(IMPROVE, *_told((green,), lineage)) for green in greens]


def _told(family: Sequence[Attempt], lineage: Lineage) -> tuple[tuple[Attempt, ...], float]:
    """A family and what became of its children, for the prompt, and how much it has faded by them."""
    numbers = {member.number for member in family}
    children = [one for one in lineage.attempts if numbers.intersection(one.parents)]
    known = {one.number: one for one in (*family, *children)}
    quoted = tuple(known[number] for number in sorted(known))[-_MOST_QUOTED:]
    if not numbers.intersection(one.number for one in quoted):
        quoted = (family[-1], *quoted[1:])
    # Who sends what was there before is told so once, and asked hotter, before that counts.
    repeated = sum(one.step is REPEATED for one in children)
    return quoted, _FADES ** (len(children) - min(repeated, 1))


def _numbers(attempts: Sequence[Attempt]) -> tuple[int, ...]:
    return tuple(attempt.number for attempt in attempts)


def _arm_of(parent: Attempt) -> str:
    if parent.step is NOT_COMPILED:
        return REPAIR_UNCOMPILED
    if parent.verdict is None:
        return REPAIR_UNUSABLE
    return REPAIR_NEAR if parent.verdict.score >= _NEAR else REPAIR_FAR


def _combinations(lineage: Lineage) -> list[_Option]:
    """Pairs of the front of which each passes what the other does not, the most complete one first."""
    front = lineage.front
    pairs = [
        (one, other)
        for index, one in enumerate(front)
        for other in front[index + 1 :]
        if passes(one) - passes(other) and passes(other) - passes(one)
    ]
    asked = {frozenset(attempt.parents) for attempt in lineage.attempts if attempt.decision.arm == COMBINE}
    fresh = [pair for pair in pairs if frozenset(each.number for each in pair) not in asked]
    fresh.sort(key=lambda pair: -len(passes(pair[0]) | passes(pair[1])))
    return [_Option(COMBINE, pair) for pair in fresh[:1]]


def _hints(lineage: Lineage, room: Room) -> list[_Option]:
    """The next hint that was not given yet: the project's own first."""
    if not lineage.attempts:
        return []
    hints = room.hints or HINTS
    arm = IMPROVE_HINT if room.improving else HINT
    given = sum(1 for attempt in lineage.attempts if attempt.decision.arm == arm)
    greens = (lineage.best,) if room.improving and lineage.best and lineage.best.step is None else ()
    return [_Option(arm, greens, hint=hints[given])] if given < len(hints) else []


def _gain(attempt: Attempt, best: Attempt | None) -> float:
    """0..1: all of it for a green body, or one that is better than the green one there was."""
    if best is not None and best.step is None:
        return 1.0 if compare(attempt, best) > 0 else 0.0
    if attempt.step is None:
        return 1.0
    before = best.verdict.score if best is not None and best.verdict else 0.0
    after = attempt.verdict.score if attempt.verdict else 0.0
    return _WORTH_OF_SCORE * max(0.0, after - before)
