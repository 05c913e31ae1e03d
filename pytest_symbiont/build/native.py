"""Our own Rust, built on the user's machine: runtime, facade std, worker.

Rust has no stable ABI, so what shares types with a candidate is built by the same rustc: once per toolchain,
in about a second.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.build import cache as caching
from pytest_symbiont.build.diagnostics import render
from pytest_symbiont.build.rustc import compile_crate, link_flags
from pytest_symbiont.build.toolchain import system_libraries
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from pytest_symbiont.build.cache import Cache
    from pytest_symbiont.build.toolchain import Toolchain

CRATE = "candidate"
ENTRIES = "__symbiont"
FACADE = {"std": "std/src/lib.rs", "core": "std/core/src/lib.rs", "alloc": "std/alloc/src/lib.rs"}
_PROBE = f"pub mod {ENTRIES} {{ #[inline(never)] pub fn entry0() {{}} }}\n"
_SYMBOL = re.compile(rb"\0(_R[0-9A-Za-z_]+)6entry0\0")


@dataclass(frozen=True, slots=True)
class Native:
    """The folder with what was built, and how each entry's symbol starts: it is the same for all bodies."""

    folder: Path
    symbol_prefix: str
    key: str

    @property
    def runtime(self) -> Path:
        return self.folder / "libsymbiont_runtime.so"

    @property
    def facade(self) -> tuple[str, ...]:
        """Flags that give a candidate our std, core and alloc for the real ones, and no proc_macro."""
        crates = [f"--extern={name}={self.folder / f'lib{name}.rlib'}" for name in FACADE]
        return (*crates, f"--extern=proc_macro={self.folder / 'no-such-crate.rlib'}")

    @property
    def codec(self) -> str:
        """The flag that gives a crate the codec."""
        return f"--extern=symbiont_codec={self.folder / 'libsymbiont_codec.rlib'}"

    @property
    def worker(self) -> Path:
        return self.folder / "worker"

    def symbol(self, index: int) -> str:
        """The mangled name of the entry with this number."""
        name = f"entry{index}"
        return f"{self.symbol_prefix}{len(name)}{name}"


def sources() -> Path:
    """The folder with our Rust sources: in the wheel inside the package, in a checkout beside it."""
    package = resources.files("pytest_symbiont")
    for folder in (Path(str(package)) / "native", Path(str(package)).parent / "native"):
        if (folder / "runtime" / "src" / "lib.rs").is_file():
            return folder
    raise SymbiontError("the Rust sources of pytest-symbiont are missing: install the package again")


def build(toolchain: Toolchain, cache: Cache) -> Native:
    """Build (or find) our native parts for this toolchain. Raises `SymbiontError` where rustc cannot."""
    root = sources()
    files = sorted(path for path in root.rglob("src/**/*.rs") if "target" not in path.parts)
    texts = [part for path in files for part in (str(path.relative_to(root)), path.read_text("utf-8"))]
    key = caching.key("native", toolchain.identity, str(toolchain.sysroot), *_surroundings(toolchain), *texts)
    folder = cache.get(key) or cache.put(key, lambda work: _produce(toolchain, root, work, cache.root / key))
    if folder is None:
        raise SymbiontError("the native parts of pytest-symbiont were not built")
    return Native(folder, (folder / "symbol").read_text("ascii"), key)


def _surroundings(toolchain: Toolchain) -> list[str]:
    """What else a build depends on: the C libraries, the linker, and which rustc exactly.

    A rustc that was built again may say the same of itself and have another ABI.
    """
    rustc = toolchain.rustc.stat()
    libraries = (f"{name}={path}" for name, path in sorted(system_libraries(toolchain).items()))
    return [*libraries, f"linker={toolchain.linker}", f"rustc={rustc.st_size},{rustc.st_mtime_ns}"]


def _produce(  # noqa: C901 - a list of steps
    toolchain: Toolchain, root: Path, work: Path, final: Path
) -> bool:
    _write_linker_scripts(toolchain, work)
    common = ["--edition=2024", "-Cprefer-dynamic", "-Cmetadata=symbiont", "-Copt-level=3", "-Awarnings"]
    link = [*common, *link_flags(toolchain, work)]

    def run(*arguments: str) -> None:
        done = compile_crate(toolchain, arguments, work)
        if not done.ok:
            raise SymbiontError(
                f"rustc {toolchain.release} could not build the native parts of pytest-symbiont; please "
                f"report this:\n{render(done.errors)}"
            )

    def runtime_and_worker() -> None:
        run(*link, "--crate-type=dylib", "--crate-name=symbiont_runtime", "-olibsymbiont_runtime.so",
            str(root / "runtime" / "src" / "lib.rs"))  # fmt: skip
        run(*link, *_executable(toolchain), "--extern=symbiont_runtime=libsymbiont_runtime.so",
            rpath(toolchain, final), "--crate-name=symbiont_worker", "-oworker",
            str(root / "worker" / "src" / "main.rs"))  # fmt: skip

    def facade() -> None:
        for name, source in FACADE.items():
            # From a folder of its own: a libstd.rlib beside it would be found in the real one's place.
            target = work / "facade" / name
            target.mkdir(parents=True)
            run(*common, "--crate-type=rlib", f"--crate-name={name}", f"-o{target / f'lib{name}.rlib'}",
                str(root / source))  # fmt: skip

    def codec() -> None:
        run(*common, "--crate-type=rlib", "--crate-name=symbiont_codec", "-olibsymbiont_codec.rlib",
            str(root / "codec" / "src" / "lib.rs"))  # fmt: skip

    def probe() -> None:
        (work / "probe.rs").write_text(_PROBE, "ascii")
        run(*link, "--crate-type=dylib", "-Csymbol-mangling-version=v0", f"--crate-name={CRATE}",
            "-oprobe.so", "probe.rs")  # fmt: skip
        match = _SYMBOL.search((work / "probe.so").read_bytes())
        if match is None:
            raise SymbiontError(f"rustc {toolchain.release} names symbols in a way that is not known here")
        (work / "symbol").write_bytes(match[1])

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(step) for step in (runtime_and_worker, facade, codec, probe)]:
            future.result()
    for name in FACADE:
        (work / "facade" / name / f"lib{name}.rlib").rename(work / f"lib{name}.rlib")
    shutil.rmtree(work / "facade")
    return True


def _write_linker_scripts(toolchain: Toolchain, work: Path) -> None:
    """Name the C libraries as distributions do for libc: a link needs no development files then."""
    for name, path in system_libraries(toolchain).items():
        loader = f" AS_NEEDED({toolchain.dynamic_linker})" if name == "c" else ""
        # Empty where libc itself holds what the library did.
        script = f"INPUT({path}{loader})\n" if path else "/* in libc */\n"
        (work / f"lib{name}.so").write_text(script, "ascii")


def _executable(toolchain: Toolchain) -> list[str]:
    if toolchain.linker is None:
        return ["--crate-type=bin"]
    linker = f"-Clink-arg=--dynamic-linker={toolchain.dynamic_linker}"
    return ["--crate-type=bin", "--cfg=symbiont_start", linker]


def rpath(toolchain: Toolchain, folder: Path) -> str:
    """The linker flag by which an artefact finds shared libraries of ours in ``folder``."""
    return f"-Clink-arg={'' if toolchain.linker else '-Wl,'}-rpath={folder}"
