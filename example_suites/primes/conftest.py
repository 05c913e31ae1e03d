"""Eight ways to go about primes: lanes take them in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.source.values import Target

HINTS = (
    "Divide each candidate by the primes found so far, up to its square root.",
    "Use the sieve of Eratosthenes, and begin to cross out at the square of each prime.",
    "Sieve odd numbers alone, and treat 2 by itself.",
    "Sieve in segments that fit into the processor's cache, with the primes up to the square root.",
    "Look only at numbers that are 1 or 5 modulo 6.",
    "Keep the sieve as bits in a vector of u64.",
    "Use the linear sieve: every composite is crossed out once, by its smallest prime factor.",
    "Use the sieve of Sundaram.",
)


def pytest_symbiont_hints(targets: Sequence[Target]) -> Sequence[str] | None:
    names = {target.function.name for target in targets}
    return HINTS if names == {"primes"} else None
