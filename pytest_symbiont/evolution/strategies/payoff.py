"""What each kind of step has paid off so far, by model: gain for tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What was seen in earlier sessions counts as so many tries, however many they were: suites differ.
_WEIGHT_OF_PAST = 6.0
_MOST_REMEMBERED = 200.0


@dataclass(frozen=True, slots=True)
class Tally:
    """``tries`` of one arm with one model, what they gained (0..1 each), and what they cost in tokens."""

    tries: float = 0.0
    gain: float = 0.0
    tokens: float = 0.0

    def plus(self, other: Tally) -> Tally:
        return Tally(self.tries + other.tries, self.gain + other.gain, self.tokens + other.tokens)

    def times(self, factor: float) -> Tally:
        return Tally(self.tries * factor, self.gain * factor, self.tokens * factor)


Key = tuple[str, str]


@dataclass(slots=True)
class Payoffs:
    """Tallies by model and arm: those of earlier sessions, and those of this one.

    ``defaults`` say what an arm gains and costs (per try) before anything was seen of it.
    """

    defaults: Mapping[str, Tally]
    past: Mapping[Key, Tally] = field(default_factory=dict)
    seen: dict[Key, Tally] = field(default_factory=dict)

    def expected(self, model: str, arm: str, pending: float = 0.0) -> tuple[float, float]:
        """What one more try gains and how many tokens it costs; ``pending`` tries count as having failed."""
        prior = self._prior((model, arm))
        seen = self.seen.get((model, arm), Tally())
        both = prior.plus(seen)
        return both.gain / (both.tries + pending), both.tokens / both.tries

    def observe(self, model: str, arm: str, gain: float, tokens: int) -> None:
        key = (model, arm)
        self.seen[key] = self.seen.get(key, Tally()).plus(Tally(1.0, gain, float(tokens)))

    def merged(self) -> dict[Key, Tally]:
        """All of it, for the next session; what is old fades."""
        found = dict(self.past)
        for key, tally in self.seen.items():
            both = found.get(key, Tally()).plus(tally)
            found[key] = both.times(min(1.0, _MOST_REMEMBERED / both.tries))
        return found

    def _prior(self, key: Key) -> Tally:
        """The default, drawn towards what was seen in the past; together of a fixed weight."""
        default = self.defaults[key[1]].times(_WEIGHT_OF_PAST)
        both = default.plus(self.past.get(key, Tally()))
        return both.times(_WEIGHT_OF_PAST / both.tries)


Row = tuple[str, str, float, float, float]


def to_rows(tallies: Mapping[Key, Tally]) -> tuple[Row, ...]:
    """As plain rows, in a fixed order."""
    return tuple(
        (*key, round(tally.tries, 3), round(tally.gain, 4), round(tally.tokens, 1))
        for key, tally in sorted(tallies.items())
    )


def from_rows(rows: Iterable[object]) -> dict[Key, Tally]:
    """Read again; a row that is none is left out, for a cache may be anybody's."""
    found: dict[Key, Tally] = {}
    for row in rows:
        match row:
            case [
                str(model),
                str(arm),
                int() | float() as tries,
                int() | float() as gain,
                int() | float() as tokens,
            ]:
                if tries > 0 and gain >= 0 and tokens >= 0:
                    found[model, arm] = Tally(float(tries), float(gain), float(tokens))
            case _:
                continue
    return found
