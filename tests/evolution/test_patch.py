"""Patches, as git takes them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.patch import coloured, patch, patch_root
from pytest_symbiont.evolution.writeback import Change

GIT = shutil.which("git") or ""
GNU_PATCH = shutil.which("patch") or ""
pytestmark = pytest.mark.skipif(not GIT, reason="git is the judge of patches")

OLD = b"fn f() {\n    todo!()\n}\n"
NEW = b"fn f() {\n    let x = 1;\n    x\n}\n"

NAMES = [
    "sort.rs",
    "src/deep/sort.rs",
    "with space.rs",
    "na\u00efve \u6392\u5e8f.rs",
    'quo"te\\back.rs',
    "tab\there.rs",
    "line\nfeed.rs",
    "b b/x b/x.rs",
    os.fsdecode(b"latin-\xe9.rs"),
]

# Lines from a small alphabet, so that old and new share some; carriage returns and lone separators too.
LINES = st.lists(
    st.sampled_from(
        ["", "a", "b", "-- x", "++ x", "@@ -1 +1 @@", "\\ No", "c\r", "d\re", "\u2028", "\x0b\x1b"]
    )
    | st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=4),
    max_size=12,
)


def text(lines: list[str], end: str, last: bool) -> bytes:
    return (end.join(lines) + (end if last and lines else "")).encode()


TEXTS = st.builds(text, LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C",
    }
    return subprocess.run(
        [GIT, *arguments], cwd=folder, input=stdin, env=environment, capture_output=True, check=False
    )


def git_apply(folder: Path, patch_text: str) -> None:
    for options in (["--check"], []):
        run = git(folder, "apply", "--whitespace=nowarn", *options, stdin=patch_text.encode())
        assert run.returncode == 0, (run.stderr, patch_text)


def lay(path: Path, content: bytes | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    assert git(folder, "init").returncode == 0
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    assert git(folder, "init").returncode == 0
    return folder


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=st.none() | TEXTS, after=TEXTS)
@example(before=b"", after=b"")
@example(before=None, after=b"")
@example(before=b"a", after=b"")
@example(before=b"a\n", after=b"a")
@example(before=b"a", after=b"a\n")
@example(before=b"\xef\xbb\xbfa\nb\n", after=b"\xef\xbb\xbfa\nc\n")
@example(before=b"a\r\nb\r\n", after=b"a\r\nc\r\n")
def test_git_makes_of_the_old_what_is_new(shared: Path, before: bytes | None, after: bytes) -> None:
    path = shared / "sort.rs"
    lay(path, before)
    patch_text = patch([Change(path, before, after)], shared)
    if before == after:
        assert patch_text == ""
        return
    git_apply(shared, patch_text)
    assert path.read_bytes() == after


@pytest.mark.parametrize("before", [OLD, None], ids=["changed", "new"])
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_git_finds_the_file_by_its_name(repository: Path, name: str, before: bytes | None) -> None:
    path = repository / name
    lay(path, before)
    git_apply(repository, patch([Change(path, before, NEW)], repository))
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_is_what_git_diff_says_but_for_the_hashes(repository: Path, name: str) -> None:
    path = repository / name
    lay(path, OLD)
    assert git(repository, "add", ".").returncode == 0
    path.write_bytes(NEW)
    lines = git(repository, "diff").stdout.decode().splitlines(keepends=True)
    expected = "".join(line for line in lines if not line.startswith("index "))
    assert patch([Change(path, OLD, NEW)], repository) == expected


@pytest.mark.skipif(not GNU_PATCH, reason="GNU patch is not installed")
@pytest.mark.parametrize("before", [OLD, None], ids=["changed", "new"])
@pytest.mark.parametrize("name", [name for name in NAMES if "\n" not in name], ids=ascii)
def test_patch_takes_it_as_well(tmp_path: Path, name: str, before: bytes | None) -> None:
    path = tmp_path / name
    lay(path, before)
    patch_text = patch([Change(path, before, NEW)], tmp_path)
    run = subprocess.run(
        [GNU_PATCH, "-p1"], cwd=tmp_path, input=patch_text.encode(), capture_output=True, check=False
    )
    assert run.returncode == 0, run.stdout
    assert path.read_bytes() == NEW


def test_reads_as_a_patch_does(repository: Path) -> None:
    path = repository / "sort.rs"
    new_path = repository / "new file.rs"
    changes = [Change(path, OLD, NEW), Change(new_path, None, b"fn g() {}")]
    assert patch(changes, repository) == (
        "diff --git a/new file.rs b/new file.rs\n"
        "new file mode 100644\n"
        "--- /dev/null\n"
        "+++ b/new file.rs\t\n"
        "@@ -0,0 +1,1 @@\n"
        "+fn g() {}\n"
        "\\ No newline at end of file\n"
        "diff --git a/sort.rs b/sort.rs\n"
        "--- a/sort.rs\n"
        "+++ b/sort.rs\n"
        "@@ -1,3 +1,4 @@\n"
        " fn f() {\n"
        "-    todo!()\n"
        "+    let x = 1;\n"
        "+    x\n"
        " }\n"
    )


def test_git_apply_keeps_the_mode(repository: Path) -> None:
    path = repository / "sort.rs"
    lay(path, OLD)
    path.chmod(0o755)
    git_apply(repository, patch([Change(path, OLD, NEW)], repository))
    assert path.stat().st_mode & 0o111


def test_several_files_are_one_patch(repository: Path) -> None:
    changes = [Change(repository / name, None if "x" in name else OLD, NEW) for name in NAMES]
    for change in changes:
        lay(change.path, change.before)
    git_apply(repository, patch(changes, repository))
    assert {change.path.read_bytes() for change in changes} == {NEW}


def test_distant_changes_are_separate_hunks(repository: Path) -> None:
    before = b"".join(b"// %d\n" % number for number in range(100))
    after = before.replace(b"// 10\n", b"").replace(b"// 80\n", b"// 80\n// and a half\n")
    path = repository / "sort.rs"
    lay(path, before)
    patch_text = patch([Change(path, before, after)], repository)
    assert patch_text.count("\n@@ ") == 2
    git_apply(repository, patch_text)
    assert path.read_bytes() == after


def test_a_symlink_s_destination_is_patched(repository: Path) -> None:
    lay(repository / "src" / "sort.rs", OLD)
    (repository / "link.rs").symlink_to("src/sort.rs")
    patch_text = patch([Change(repository / "link.rs", OLD, NEW)], repository)
    assert "link.rs" not in patch_text
    git_apply(repository, patch_text)
    assert (repository / "src" / "sort.rs").read_bytes() == NEW
    assert (repository / "link.rs").is_symlink()


def test_root_may_be_reached_by_a_symlink(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository)
    lay(repository / "sort.rs", OLD)
    patch_text = patch([Change(repository / "sort.rs", OLD, NEW)], tmp_path / "link")
    assert patch_text.startswith("diff --git a/sort.rs b/sort.rs\n")


def test_a_file_outside_root_is_refused_by_git_there_and_taken_from_the_top(
    repository: Path, tmp_path: Path
) -> None:
    # A namesake inside must stay as it is.
    lay(repository / "other.rs", OLD)
    lay(tmp_path / "other.rs", OLD)
    patch_text = patch([Change(tmp_path / "other.rs", OLD, NEW)], repository)
    assert git(repository, "apply", stdin=patch_text.encode()).returncode != 0
    assert (repository / "other.rs").read_bytes() == OLD
    assert git(Path(tmp_path.anchor), "apply", stdin=patch_text.encode()).returncode == 0
    assert (tmp_path / "other.rs").read_bytes() == NEW


def test_bytes_that_are_not_utf8_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(SymbiontError, match=r"^f\.rs: byte 1 \(0xff"):
        patch([Change(tmp_path / "f.rs", b"a\xff", b"a")], tmp_path)


def test_patch_root_is_the_work_tree_s_top(repository: Path, tmp_path: Path) -> None:
    deep = repository / "src" / "deep"
    deep.mkdir(parents=True)
    assert patch_root(deep) == repository
    assert patch_root(repository) == repository
    # A submodule and a linked work tree have a file there.
    (repository / "src" / ".git").write_text("gitdir: elsewhere\n")
    assert patch_root(deep) == repository / "src"
    # Started by a link from outside, git is where the link leads.
    (tmp_path / "link").symlink_to(deep)
    assert patch_root(tmp_path / "link") == repository / "src"


def test_patch_root_without_git_is_where_one_starts(tmp_path: Path) -> None:
    if any((folder / ".git").exists() for folder in tmp_path.parents):
        pytest.skip("the temporary folder is inside a work tree")
    assert patch_root(tmp_path) == tmp_path


def styles(patch_text: str) -> list[tuple[str, str]]:
    shown = coloured(patch_text)
    return [(shown.plain[span.start : span.end], str(span.style)) for span in shown.spans]


def test_lines_are_coloured_by_place() -> None:
    before = b"-- a comment of another language\nb"
    after = b"++ b\nb"
    patch_text = patch([Change(Path("/f.rs"), before, after)], Path("/"))
    assert coloured(patch_text).plain == patch_text
    assert styles(patch_text) == [
        ("diff --git a/f.rs b/f.rs", "bold"),
        ("--- a/f.rs", "bold"),
        ("+++ b/f.rs", "bold"),
        ("@@ -1,2 +1,2 @@", "cyan"),
        ("--- a comment of another language", "red"),
        ("+++ b", "green"),
        ("\\ No newline at end of file", "dim"),
    ]


def test_each_file_has_its_head() -> None:
    changes = [Change(Path(f"/{name}.rs"), OLD, NEW) for name in "ab"]
    bold = [line for line, style in styles(patch(changes, Path("/"))) if style == "bold"]
    assert bold[3:] == ["diff --git a/b.rs b/b.rs", "--- a/b.rs", "+++ b/b.rs"]


def test_what_a_terminal_would_obey_or_hide_is_written_out() -> None:
    after = "\t\x1b[2J\u202e\x07 \u2028\x9b\u00e9\r\n".encode()
    shown = coloured(patch([Change(Path("/f.rs"), None, after)], Path("/"))).plain
    assert shown.endswith("\n+\t\\x1b[2J\\u202e\\x07 \\u2028\\x9b\u00e9\\r\n")
