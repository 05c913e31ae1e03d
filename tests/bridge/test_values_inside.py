"""Every constructor of types inside of every other one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rust_values import HEAD, INSIDE, WRAPPERS, chunks, named
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator


def _source() -> str:
    lines = [HEAD]
    for outer, wrapper in enumerate(WRAPPERS):
        rows = [", ".join(made.rust for made in chunk) for chunk in chunks(INSIDE[wrapper.rust])]
        type_ = f"({' '.join(f'({row},),' for row in rows)})"
        lines.append(f"pub fn inside{outer}<'a>(x: {type_}, _: Own) -> {type_} {{ x }}")
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with pytest.MonkeyPatch.context() as patch:
        # Two thousand types: optimised, they take minutes to compile.
        patch.setattr(Profile, "flags", ("-Copt-level=0",))
        with three_ways(tmp_path_factory.mktemp("values"), _source()) as opened:
            yield opened


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("outer", range(len(WRAPPERS)), ids=[wrapper.rust for wrapper in WRAPPERS])
def test_every_type_stands_inside_of_every_other(ways: Ways, way: str, outer: int) -> None:
    lib = ways[way]
    types = chunks(INSIDE[WRAPPERS[outer].rust])
    for which in range(2):
        values = tuple(tuple(made.values[which % len(made.values)] for made in chunk) for chunk in types)
        back = getattr(lib, f"inside{outer}")(values, lib.Own())
        for chunk, sent, received in zip(types, values, back, strict=True):
            assert named(chunk, received) == named(chunk, sent)
