"""The other side of the board: who plays against `choose_move`, and how it went.

A board is a tuple of nine: 0 is free, 1 and 2 are the players.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import pytest

Board = tuple[int, ...]
Choose = Callable[[Board, int], int]

GAMES = 300
MOST_MISTAKES = 5
CORNERS = (0, 2, 6, 8)
LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))


def free(board: Board) -> list[int]:
    return [place for place in range(9) if not board[place]]


def put(board: Board, place: int, player: int) -> Board:
    return (*board[:place], player, *board[place + 1 :])


def wins(board: Board, player: int) -> bool:
    return any(all(board[place] == player for place in line) for line in LINES)


@cache
def worth(board: Board, player: int) -> int:
    """What a board is worth to the player who is to move, if both play perfectly: -1, 0 or 1."""
    if wins(board, 3 - player):
        return -1
    return max((-worth(put(board, place, player), 3 - player) for place in free(board)), default=0)


@cache
def best_moves(board: Board, player: int) -> tuple[int, ...]:
    values = {place: -worth(put(board, place, player), 3 - player) for place in free(board)}
    return tuple(place for place, value in values.items() if value == max(values.values()))


class Random:
    """Any free field."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def __call__(self, board: Board, player: int) -> int:
        return self.dice.choice(self.candidates(board, player))

    def candidates(self, board: Board, player: int) -> Sequence[int]:
        del player
        return free(board)


class Smart(Random):
    """Wins where it can, prevents what would lose at once, else the middle, a corner, anything."""

    def candidates(self, board: Board, player: int) -> Sequence[int]:
        for who in (player, 3 - player):
            if places := [place for place in free(board) if wins(put(board, place, who), who)]:
                return places
        corners = [place for place in CORNERS if not board[place]]
        return [4] if not board[4] else corners or free(board)


class Perfect(Random):
    """One of the best moves."""

    def candidates(self, board: Board, player: int) -> Sequence[int]:
        return best_moves(board, player)


PLAYERS: dict[str, type[Random]] = {"random": Random, "smart": Smart, "perfect": Perfect}


@dataclass(slots=True)
class Match:
    """What became of some games. ``score`` is 1 for a win and half of it for a draw, on average.

    Nobody wins against a perfect player, so a draw is full there: ``draw`` says what one counts.
    """

    draw: float = 0.5
    won: int = 0
    drawn: int = 0
    lost: int = 0
    blunders: dict[str, None] = field(default_factory=dict)

    @property
    def games(self) -> int:
        return self.won + self.drawn + self.lost

    @property
    def score(self) -> float:
        return (self.won + self.draw * self.drawn) / self.games

    @property
    def mistakes(self) -> str:
        """The moves that threw a game away, a few of them."""
        shown = list(self.blunders)[:MOST_MISTAKES]
        return "\n".join([f"{self.lost} of {self.games} games were lost, by moves such as these:", *shown])

    def move(self, choose: Choose, board: Board, player: int) -> Board | None:
        """The board after the move of the function under test; None where it may not make it."""
        place = choose(board, player)
        call = f"choose_move({list(board)}, {player})"
        if place not in free(board):
            taken = "is not a field" if place > 8 else f"is taken by {board[place]}"
            self.blunders[f"{call} returned {place}, which {taken}"] = None
            return None
        if place not in best_moves(board, player) and worth(put(board, place, player), 3 - player) > 0:
            right = " or ".join(map(str, best_moves(board, player)))
            self.blunders[f"{call} must return {right}, not {place}"] = None
        return put(board, place, player)

    def count(self, winner: int, me: int) -> None:
        self.won += winner == me
        self.drawn += winner == 0
        self.lost += winner == 3 - me


def play(choose: Choose, opponent: str, games: int = GAMES) -> Match:
    """Play ``games`` games against an opponent; the same ones each time, whatever was played before."""
    match = Match(draw=1.0 if opponent == "perfect" else 0.5)
    other = PLAYERS[opponent](seed=0)
    choose = cache(choose)  # of the same board the same move is expected: few boards are new
    for number in range(games):
        me = 1 + number % 2
        match.count(winner_of(choose, other, me, match), me)
    return match


def winner_of(choose: Choose, other: Choose, me: int, match: Match) -> int:
    board: Board | None = (0,) * 9
    player = 1
    while board and free(board):
        board = match.move(choose, board, me) if player == me else put(board, other(board, player), player)
        if board is None:
            return 3 - me
        if wins(board, player):
            return player
        player = 3 - player
    return 0


def play_all(choose: Choose) -> Match:
    """Play every game there is: whatever the other side may answer, it answers in some game."""
    match = Match()
    choose = cache(choose)
    for me in (1, 2):
        for winner in _winners(choose, (0,) * 9, 1, me, match):
            match.count(winner, me)
    return match


def _winners(choose: Choose, board: Board, player: int, me: int, match: Match) -> Iterator[int]:
    if wins(board, 3 - player):
        yield 3 - player
    elif not free(board):
        yield 0
    elif player == me:
        after = match.move(choose, board, me)
        if after is None:
            yield 3 - me
        else:
            yield from _winners(choose, after, 3 - player, me, match)
    else:
        for place in free(board):
            yield from _winners(choose, put(board, place, player), 3 - player, me, match)


@pytest.fixture(scope="session")
def match() -> Callable[[Choose, str], Match]:
    return play


@pytest.fixture(scope="session")
def every_game() -> Callable[[Choose], Match]:
    return play_all
