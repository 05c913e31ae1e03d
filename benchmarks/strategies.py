"""Which strategy solves more with the same number of generated tokens.

    python benchmarks/strategies.py --model NAME@http://HOST:PORT/v1 [--seeds 3] [--tokens 1500] [--ablate]
                                    [--strategies NAME,NAME…] [--results FILE] [--answers FOLDER] [TASK…]

A task is a folder with a `.rs` file and tests, by default those in `benchmarks/tasks`. Every strategy gets
every task with every seed and the same budget. Runs that are in the results already are not made again, and a
request that was answered before (`--answers`) is not asked again; `--model NAME` without an address has those
answers only. `--report` makes no run and prints what the results say.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from _ablation import ABLATIONS
from _answers import AnswerServer
from _paired import difference, share_solved
from _runs import Plan, Results, run

from pytest_symbiont.evolution.strategies import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from _runs import Outcome

_HERE = Path(__file__).parent
_STEPS = 5


def main() -> int:
    chosen = _arguments()
    folders = {task.name: task.resolve() for task in chosen.tasks}
    strategies = [*chosen.strategies.split(","), *(ABLATIONS if chosen.ablate else ())]
    name, _, url = chosen.model.partition("@")
    results = Results(chosen.results)
    plans = [
        Plan(task, strategy, seed, name, chosen.tokens)
        for seed in range(chosen.seeds)
        for task in sorted(folders)
        for strategy in strategies
    ]
    if not chosen.report:
        with AnswerServer(chosen.answers, url or None) as server:
            _run_all(plans, folders, results, server)
    outcomes = {each: results.of(plan for plan in plans if plan.strategy == each) for each in strategies}
    made = sum(map(len, outcomes.values()))
    print(f"\n{name}: {len(folders)} tasks, {chosen.seeds} seeds, {chosen.tokens} generated tokens a run; "
          f"{made} of {len(plans)} runs made\n")  # fmt: skip
    report(outcomes, chosen.tokens)
    return 0 if made == len(plans) else 1


def report(outcomes: Mapping[str, Sequence[Outcome]], tokens: int) -> None:
    """The curves, then every strategy beside the first one, over the runs that both have made."""
    budgets = [tokens * step // _STEPS for step in range(1, _STEPS + 1)]
    width = max(map(len, outcomes))
    print(f"{'solved within':<{width}}  " + "  ".join(f"{budget:>16,}" for budget in budgets) + "   runs")
    for strategy, made in outcomes.items():
        cells = (share_solved(made, budget) for budget in budgets)
        shares = "  ".join(f"{one.value:>5.0%} [{one.low:>3.0%}, {one.high:>4.0%}]" for one in cells)
        print(f"{strategy:<{width}}  {shares}  {len(made):>5}")
    first = next(iter(outcomes))
    print(f"\n{first} beside the others, paired by task and seed, 95% intervals over tasks:")
    for strategy, made in outcomes.items():
        if strategy != first:
            found = difference(outcomes[first], made, tokens)
            verdict = "no difference" if found.includes_zero else "more" if found.value > 0 else "less"
            bounds = f"[{found.low:>+6.1%}, {found.high:>+6.1%}]"
            print(f"  {strategy:<{width}}  {found.value:>+6.1%} {bounds}  {verdict}")


def _run_all(
    plans: Sequence[Plan], folders: Mapping[str, Path], results: Results, server: AnswerServer
) -> None:
    for number, plan in enumerate(plans, start=1):
        if results.get(plan) is not None:
            continue
        try:
            outcome = run(plan, folders[plan.task], server.url)
        except RuntimeError as problem:
            print(f"no run: {problem}", file=sys.stderr)
            continue
        results.add(outcome)
        end = f"solved at {outcome.solved_at}" if outcome.solved_at else "not solved"
        print(f"{number}/{len(plans)} {plan.task}, {plan.strategy}, seed {plan.seed}: {end}, "
              f"{outcome.answers} answers ({outcome.arms}); asked {server.asked}, reused {server.reused}",
              flush=True)  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Strategies at the same number of generated tokens.")
    tasks = sorted(path for path in (_HERE / "tasks").iterdir() if path.is_dir())
    parser.add_argument("tasks", nargs="*", type=Path, default=tasks, metavar="TASK", help="folders of tasks")
    parser.add_argument(
        "--model", required=True, metavar="NAME[@URL]", help="who is asked; replayed without URL"
    )
    parser.add_argument(
        "--strategies", default=",".join(NAMES), help="with commas between; the first is compared"
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many runs a task and strategy")
    parser.add_argument("--tokens", type=int, default=1_500, help="generated tokens a run")
    parser.add_argument("--ablate", action="store_true", help="adaptive without each of its arms, too")
    parser.add_argument("--results", type=Path, default=Path("strategies.jsonl"), help="where runs are kept")
    parser.add_argument("--answers", type=Path, default=Path("strategies-answers"), help="where answers are")
    parser.add_argument("--report", action="store_true", help="make no run")
    chosen = parser.parse_args()
    if missing := [str(task) for task in chosen.tasks if not list(task.glob("*.rs"))]:
        parser.error(f"no .rs file in {', '.join(missing)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
