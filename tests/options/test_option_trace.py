"""--evolve-trace: the lineage as JSON lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from adding import FILES, RIGHT
from example import rust

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.report import events
from pytest_symbiont.report.trace import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from example import Example, NewExample

METERED = {
    "near.rs": "pub fn near(x: f64) -> f64 {\n    todo!()\n}\n",
    "test_near.py": """
        import pytest
        from pytest_symbiont import evolvable

        near = evolvable("near.rs::near")

        @pytest.mark.evolve(near)
        @pytest.mark.parametrize("x", [1.0, 2.0])
        def test_near(evolve_metric, x):
            evolve_metric.minimize("error", abs(near(x) - 2 * x), threshold=0.1)

        @pytest.mark.evolve(near, holdout=True)
        def test_secret(evolve_metric):
            evolve_metric.minimize("secret", abs(near(9.0) - 18.0), threshold=0.1)
        """,
}


def near(body: str) -> str:
    return rust(f"pub fn near(x: f64) -> f64 {{ {body} }}")


def lines(example: Example, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in example.read(name).splitlines()]


def test_command_line_over_environment_over_ini_over_none(example: NewExample) -> None:
    add = example(FILES)

    def written(args: Sequence[str], env: Mapping[str, str]) -> list[str]:
        ran = add.run(
            "--evolve", "--evolve-write=never", *args,
            env=env, answers=[RIGHT], changed=dict.fromkeys(expected, ...),
        )  # fmt: skip
        assert "green after 1 round" in ran.summary
        found = [name for name in add.files() if name.endswith(".jsonl")]
        for name in found:
            (add.path / name).unlink()
        return found

    expected: list[str] = []
    seen = []
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        expected = [name]
        flag, env, ini = f"--evolve-trace={name}", {"PYTEST_EVOLVE_TRACE": name}, f"evolve_trace = {name}"
        match name:
            case "a.jsonl":
                add.write({"pytest.ini": "[pytest]\nevolve_trace = c.jsonl\n"})
                seen += written([flag], {"PYTEST_EVOLVE_TRACE": "b.jsonl"})
            case "b.jsonl":
                seen += written([], env)
            case _:
                add.write({"pytest.ini": f"[pytest]\n{ini}\n"})
                seen += written([], {})
    assert seen == ["a.jsonl", "b.jsonl", "c.jsonl"]
    expected = []
    add.write({"pytest.ini": "[pytest]\n"})
    assert written([], {}) == []


def test_it_tells_a_session_from_its_first_question_to_what_was_written(example: NewExample) -> None:
    one = example(METERED)
    ran = one.run(
        "--evolve", "--evolve-trace=deep/trace.jsonl",
        answers=["no code", near("x + 1.5"), near("x +"), near("x + x")],
        changed={"near.rs": ..., "deep/trace.jsonl": ...},
    )  # fmt: skip
    told = lines(one, "deep/trace.jsonl")
    kinds = [line["event"] for line in told if line["event"] != "text"]
    assert kinds == ["session", "suite", "baseline", *["attempt"] * 4, "end", "written"]
    texts = {line["digest"]: line["text"] for line in told if line["event"] == "text"}
    assert len(texts) == sum(line["event"] == "text" for line in told)
    session, suite = told[0], next(line for line in told if line["event"] == "suite")
    assert (session["schema"], session["lanes"], len(session["models"])) == (1, 1, 1)
    assert suite["targets"] == [
        {"path": "near", "file": "near.rs", "signature": "pub fn near(x: f64) -> f64"}
    ]
    assert texts[suite["files"]["near.rs"]] == METERED["near.rs"]
    assert [test["holdout"] for test in suite["tests"]] == [False, False, True]

    first, second, third, fourth = (line for line in told if line["event"] == "attempt")
    assert [line["number"] for line in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert [line["step"] for line in (first, second, third, fourth)] == [
        "no code",
        "tests fail",
        "does not compile",
        "",
    ]
    assert first["verdict"] is None
    assert second["parents"] == [1]
    assert texts[second["answer"]] == near("x + 1.5")
    assert texts[second["bodies"]["near"]] == "{ x + 1.5 }"
    asked = ran.requests[1].body["messages"]
    assert [texts[message["text"]] for message in second["prompt"]] == [each["content"] for each in asked]
    assert second["seed"] == ran.requests[1].body["seed"]
    assert [test["status"] for test in second["verdict"]["tests"]] == ["failed", "failed"]
    assert second["verdict"]["tests"][1]["metrics"] == [
        {"name": "error", "goal": "minimize", "value": 0.5, "spread": 0.0, "threshold": 0.1, "case": ""}
    ]
    assert "expected expression" in third["verdict"]["compile_error"]
    assert set(second["seconds"]) == {"model", "build", "test"}
    end, written = told[-2:]
    assert (end["end"], end["winner"]) == ("won", 4)
    assert "x + x" in texts[end["bodies"]["near"]]
    assert written["written"].startswith("written: ")

    found = read(one.path / "deep/trace.jsonl")
    assert [type(event).__name__.lower() for event in found] == [line["event"] for line in told]
    values = [event for event in found if isinstance(event, events.Attempt)]
    assert values[1].verdict is not None
    assert values[1].verdict.tests[1].metrics[0].value == 0.5

    # What the model was told of it.
    assert "| test_near[1.0] | error, lower is better, must be <= 0.1 | 0.5 |" in ran.last_message(2)
    assert all("secret" not in ran.prompt(number) for number in range(4))


def test_a_place_that_cannot_be_written_is_a_usage_error(example: NewExample) -> None:
    ran = example({**FILES, "file": "x"}).run(
        "--evolve", "--evolve-trace=file/trace.jsonl", answers=[], code=4
    )
    assert "--evolve-trace: " in ran.err
    assert "cannot be written (" in ran.err


def test_what_is_no_trace_is_said_by_line_and_half_a_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text('{"event":"text","digest":"0","text":"a"}\n{"event":"later","x":1}\n{"event":"te')
    assert read(path) == (events.Text("0", "a"),)
    path.write_text('{"event":"text"}\n{"event":"text","digest":"0","text":"a"}\n')
    with pytest.raises(SymbiontError, match=r"trace\.jsonl:1: no line of a trace"):
        read(path)
    path.write_text(
        '{"event":"session","schema":2,"plugin":"","python":"","rustc":"","strategy":"","seed":0,"lanes":1,'
        '"rounds":1,"models":[],"started":""}\n'
    )
    with pytest.raises(SymbiontError, match="its schema is 2, of a later pytest-symbiont"):
        read(path)
