"""What GitHub's and GitLab's runners are told, and what they are kept from being told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from adding import FILES, RIGHT, WRONG
from example import rust

from pytest_symbiont.report import github

if TYPE_CHECKING:
    from example import NewExample

HOSTILE = rust('pub fn add(a: i64, b: i64) -> i64 {\n    "|`<img>\n::stop-commands::x\n##[error]y"; a\n}')


def test_github_gets_annotations_and_a_summary(example: NewExample) -> None:
    add = example({f"deep/{name}": text for name, text in FILES.items()})
    env = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(add.path / "summary.md"),
        "GITHUB_WORKSPACE": str(add.path),
    }
    add.write({"summary.md": "before\n"})
    ran = add.run(
        "--evolve",
        "--evolve-rounds=1",
        "-vv",
        answers=[HOSTILE],
        code=1,
        env=env,
        changed={"summary.md": ...},
    )
    told = [line.strip() for line in ran.out.splitlines() if line.strip().startswith("::") or "##[" in line]
    [annotation] = told
    assert annotation.startswith("::error file=deep/add.rs,line=2,title=add.rs%3A%3Aadd%3A not solved::")
    summary = add.read("summary.md")
    assert summary.startswith("before\n### pytest-symbiont\n\n| suite | end | rounds | tokens | files |\n")
    row = summary.splitlines()[5]
    assert row.count("|") == 6
    assert row.startswith("| add.rs&#58;&#58;add | lost&#58; ")

    ran = add.run("--evolve", answers=[RIGHT], env=env, changed={"deep/add.rs": ..., "summary.md": ...})
    assert "::error" not in ran.out
    add.write({"deep/symbiont.lock": "version = 1\n"})
    ran = add.run("--evolve-check", "-q", code=1, env=env, changed={"summary.md": ...})
    assert (
        "\n::error file=deep/add.rs,line=2,title=add.rs%3A%3Aadd%3A not as proven::it has no entry" in ran.out
    )


def test_text_gives_the_runner_no_command() -> None:
    assert (
        github.defused("  ::add-mask::x\n::x\na::b\n##[group]x")
        == "  : :add-mask::x\n: :x\na::b\n# #[group]x"
    )
    hostile = "a|b`c<img src=x>\n[x](javascript:1) *b* @you"
    cell = github._cell(hostile)
    assert not set("|`<>[]()*@\n").intersection(cell)


def test_gitlab_gets_a_code_quality_report(example: NewExample) -> None:
    add = example({f"deep/{name}": text for name, text in FILES.items()})
    env = {"GITLAB_CI": "true", "CI_PROJECT_DIR": str(add.path)}
    report = "symbiont-code-quality.json"
    add.run("--evolve", "--evolve-rounds=1", answers=[WRONG], code=1, env=env, changed={report: ...})
    [issue] = json.loads(add.read(report))
    assert issue["location"] == {"path": "deep/add.rs", "lines": {"begin": 2}}
    assert issue["description"].startswith("add.rs::add: not solved: ")
    assert (issue["check_name"], issue["severity"], len(issue["fingerprint"])) == (
        "pytest-symbiont",
        "major",
        32,
    )
    add.run("--evolve", answers=[RIGHT], env=env, changed={"deep/add.rs": ..., report: "[]\n"})
