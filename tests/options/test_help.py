"""What `pytest -h` says, and that every ini key is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adding import FILES, GREEN

from pytest_symbiont import settings

if TYPE_CHECKING:
    from example import NewExample


def test_every_option_is_explained_with_its_default(example: NewExample) -> None:
    said = re.sub(r"\s+", "", example({}).run("-h").out)
    for flag, text in settings.VERBS.items():
        assert f"{flag}{text}".replace(" ", "") in said
        assert text.endswith("(default: off)")
    for option in settings.OPTIONS:
        assert option.flag in said
        choices = f"({'|'.join(option.choices)})" if option.choices else ""
        assert f"{option.help}{choices}(default:{option.default or 'none'})".replace(" ", "") in said
        assert f"{option.key}(string):" in said
    assert "(default:themodel,serverorkeyoftheenvironment,elsetherecordedanswers)" in said
    for option in settings.REPEATED:
        assert option.flag in said
        assert f"{option.key}(linelist):" in said
        assert f"{option.help},onealine".replace(" ", "") in said
    assert "@pytest.mark.evolve(" in re.sub(r"\s+", "", example({}).run("--markers").out)


def test_every_key_is_known_in_every_kind_of_ini_file(example: NewExample) -> None:
    keys = {option.key: option.default for option in settings.OPTIONS}
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    toml = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    for name, text in {
        "pytest.ini": f"[pytest]\n{lines}evolve_model =\n    a\n",
        "setup.cfg": f"[tool:pytest]\n{lines}evolve_model = a\n",
        "pyproject.toml": f'[tool.pytest.ini_options]\n{toml}evolve_model = ["a"]\n',
    }.items():
        one = example({**FILES, "add.rs": GREEN, name: text})
        one.run("--strict-config", outcomes={"passed": 2})
        ran = one.run("--strict-config", "--evolve", answers=[], outcomes={"passed": 2})
        assert "model: a at 127.0.0.1" in ran.out
        (one.path / name).unlink()
