"""What a session may cost."""

from __future__ import annotations

from dataclasses import dataclass

# The largest answer that is asked for. A function and its helpers are far below it.
ANSWER_TOKENS = 2048


@dataclass(slots=True)
class Budget:
    """Generated tokens left in the session."""

    tokens: int

    def answer_tokens(self) -> int:
        """How many tokens the next answer may have; 0 where the budget is gone."""
        return max(0, min(ANSWER_TOKENS, self.tokens))

    def spend(self, tokens: int) -> None:
        self.tokens -= tokens
