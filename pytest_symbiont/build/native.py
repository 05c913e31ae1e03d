"""Our own Rust, built on the user's machine: runtime, facade std, worker, jail.

Rust has no stable ABI, so what shares types with a candidate is built by the same rustc: once per toolchain,
in about a second.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.build import cache as caching
from pytest_symbiont.build.diagnostics import render
from pytest_symbiont.build.rustc import compile_crate, link_flags
from pytest_symbiont.build.toolchain import system_libraries
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_symbiont.build.cache import Cache
    from pytest_symbiont.build.toolchain import Toolchain

CRATE = "candidate"
ENTRIES = "__symbiont"
FACADE = {"std": "std/src/lib.rs", "core": "std/core/src/lib.rs", "alloc": "std/alloc/src/lib.rs"}
_COMMON = ("--edition=2024", "-Cprefer-dynamic", "-Cmetadata=symbiont", "-Copt-level=3", "-Awarnings")
_PROBE = f"pub mod {ENTRIES} {{ #[inline(never)] pub fn entry0() {{}} }}\n"
_SYMBOL = re.compile(rb"\0(_R[0-9A-Za-z_]+)6entry0\0")


@dataclass(frozen=True, slots=True)
class Native:
    """The folder with what was built, and how each entry's symbol starts: it is the same for all bodies.

    ``facade_folder`` has our std, core and alloc; it is another one where doors were opened.
    """

    folder: Path
    symbol_prefix: str
    key: str
    facade_folder: Path

    @property
    def runtime(self) -> Path:
        return self.folder / "libsymbiont_runtime.so"

    @property
    def facade(self) -> tuple[str, ...]:
        """Flags that give a candidate our std, core and alloc for the real ones, and no proc_macro."""
        crates = [f"--extern={name}={self.facade_folder / f'lib{name}.rlib'}" for name in FACADE]
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
    return Native(folder, (folder / "symbol").read_text("ascii"), key, folder)


def with_doors(native: Native, toolchain: Toolchain, cache: Cache, doors: Sequence[str]) -> Native:
    """The same with a facade that passes these modules of std on, each by its word in `native/std`."""
    if not doors:
        return native
    root = sources()
    flags = ["--cfg=symbiont_allow", *(f'--cfg=symbiont_allow="{door}"' for door in doors)]

    def produce(work: Path) -> bool:
        _facade(lambda *arguments: _compile(toolchain, arguments, work), root, work, flags)
        _settle(work)
        return True

    key = caching.key("facade", native.key, *doors)
    folder = cache.get(key) or cache.put(key, produce)
    if folder is None:
        raise SymbiontError("the facade of std was not built")
    return replace(native, facade_folder=folder)


def _surroundings(toolchain: Toolchain) -> list[str]:
    """What else a build depends on: the C libraries, the linker, and which rustc exactly.

    A rustc that was built again may say the same of itself and have another ABI.
    """
    rustc = toolchain.rustc.stat()
    libraries = (f"{name}={path}" for name, path in sorted(system_libraries(toolchain).items()))
    return [*libraries, f"linker={toolchain.linker}", f"rustc={rustc.st_size},{rustc.st_mtime_ns}"]


def _produce(toolchain: Toolchain, root: Path, work: Path, final: Path) -> bool:
    _write_linker_scripts(toolchain, work)
    link = [*_COMMON, *link_flags(toolchain, work)]

    def run(*arguments: str) -> None:
        _compile(toolchain, arguments, work)

    def runtime() -> None:
        run(*link, "--crate-type=dylib", "--crate-name=symbiont_runtime", "-olibsymbiont_runtime.so",
            str(root / "runtime" / "src" / "lib.rs"))  # fmt: skip

    def sandbox_and_jail() -> None:
        run(*_COMMON, "--crate-type=rlib", "--crate-name=symbiont_sandbox", "-olibsymbiont_sandbox.rlib",
            str(root / "sandbox" / "src" / "lib.rs"))  # fmt: skip
        run(*link, *_executable(toolchain), "--extern=symbiont_sandbox=libsymbiont_sandbox.rlib",
            "--crate-name=symbiont_jail", "-ojail", str(root / "jail" / "src" / "main.rs"))  # fmt: skip

    def worker() -> None:
        run(*link, *_executable(toolchain), "--extern=symbiont_runtime=libsymbiont_runtime.so",
            "--extern=symbiont_sandbox=libsymbiont_sandbox.rlib", rpath(toolchain, final),
            "--crate-name=symbiont_worker", "-oworker",
            str(root / "worker" / "src" / "main.rs"))  # fmt: skip

    def facade() -> None:
        _facade(run, root, work)

    def codec() -> None:
        run(*_COMMON, "--crate-type=rlib", "--crate-name=symbiont_codec", "-olibsymbiont_codec.rlib",
            str(root / "codec" / "src" / "lib.rs"))  # fmt: skip

    def probe() -> None:
        (work / "probe.rs").write_text(_PROBE, "ascii")
        run(*link, "--crate-type=dylib", "-Csymbol-mangling-version=v0", f"--crate-name={CRATE}",
            "-oprobe.so", "probe.rs")  # fmt: skip
        (work / "symbol").write_bytes(_symbol(work / "probe.so", toolchain))

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(step) for step in (runtime, sandbox_and_jail, facade, codec, probe)]:
            future.result()
    worker()
    _settle(work)
    return True


def _facade(run: Callable[..., None], root: Path, work: Path, flags: Sequence[str] = ()) -> None:
    # From folders of their own: a libstd.rlib beside it would be found in the real one's place.
    for name, source in FACADE.items():
        target = work / "facade" / name
        target.mkdir(parents=True)
        run(*_COMMON, *flags, "--crate-type=rlib", f"--crate-name={name}",
            f"-o{target / f'lib{name}.rlib'}", str(root / source))  # fmt: skip


def _settle(work: Path) -> None:
    for library in (work / "facade").glob("*/*.rlib"):
        library.rename(work / library.name)
    shutil.rmtree(work / "facade")


def _compile(toolchain: Toolchain, arguments: Sequence[str], work: Path) -> None:
    done = compile_crate(toolchain, arguments, work)
    if not done.ok:
        raise SymbiontError(
            f"rustc {toolchain.release} could not build the native parts of pytest-symbiont; please "
            f"report this:\n{render(done.errors)}"
        )


def _symbol(probe: Path, toolchain: Toolchain) -> bytes:
    match = _SYMBOL.search(probe.read_bytes())
    if match is None:
        raise SymbiontError(f"rustc {toolchain.release} names symbols in a way that is not known here")
    return match[1]


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
