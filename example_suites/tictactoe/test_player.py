import pytest

from pytest_symbiont import evolvable

choose_move = evolvable("player.rs::choose_move")

pytestmark = pytest.mark.evolve(choose_move)

OPPONENTS = ["random", "smart", "perfect"]


@pytest.mark.parametrize("opponent", OPPONENTS)
def test_never_loses(match, evolve_metric, opponent):
    """300 games, of which the other side begins every second one."""
    played = match(choose_move, opponent)
    evolve_metric.maximize("score", played.score)
    lost, mistakes = played.lost, played.mistakes
    assert lost == 0, mistakes


def test_wins_most_games_against_random_moves(match, evolve_metric):
    played = match(choose_move, "random")
    evolve_metric.maximize(f"games won of {played.games}", played.won, threshold=0.85 * played.games)


@pytest.mark.evolve(choose_move, holdout=True)
def test_never_loses_whatever_the_other_side_does(every_game):
    lost = every_game(choose_move).lost
    assert lost == 0
