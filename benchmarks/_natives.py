"""The same Rust function behind ctypes, cffi's two modes, and ours."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from contextlib import redirect_stdout
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from io import StringIO
from typing import TYPE_CHECKING, Any

import cffi

from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.build.rustc import compile_crate, link_flags

if TYPE_CHECKING:
    from pathlib import Path

RUST = """\
pub fn add(a: i64, b: i64) -> i64 {
    a + b
}

pub fn total(values: &[f64]) -> f64 {
    values.iter().sum()
}
"""
# The C interface that others need; ours calls `add` and `total` as they are.
_EXPORTS = """
#[unsafe(no_mangle)] pub extern "C" fn c_add(a: i64, b: i64) -> i64 { add(a, b) }
#[unsafe(no_mangle)] pub extern "C" fn c_total(values: *const f64, count: usize) -> f64 {
    total(unsafe { std::slice::from_raw_parts(values, count) })
}
"""
_C = "int64_t c_add(int64_t a, int64_t b); double c_total(const double *values, size_t count);"


def ours(folder: Path, *, compiler: bool) -> tuple[Registry, Any]:
    """The functions of `RUST`, active in this process, with or without the C callable."""
    registry = Registry()
    if not compiler:
        registry.workbench.extension = None
    path = folder / f"{'with' if compiler else 'without'}_c.rs"
    path.write_text(RUST, "utf-8")
    module = registry.module(path)
    module.add(1, 2)
    module.total([])
    return registry, module


def library(folder: Path, registry: Registry) -> Path:
    """The same functions with a C interface, compiled as ours are."""
    builder = registry.workbench.builder
    (folder / "native.rs").write_text(RUST + _EXPORTS, "utf-8")
    flags = [
        "--edition=2024",
        "--crate-type=cdylib",
        "-Copt-level=3",
        "-Coverflow-checks=on",
        "-Cprefer-dynamic",
    ]
    link = link_flags(builder.toolchain, builder.native.folder)
    done = compile_crate(builder.toolchain, [*flags, *link, "-olibnative.so", "native.rs"], folder)
    assert done.ok, done.errors
    return folder / "libnative.so"


def cffi_abi(path: Path) -> tuple[Any, Any]:
    ffi = cffi.FFI()
    ffi.cdef(_C)
    return ffi, ffi.dlopen(str(path))


def cffi_api(path: Path) -> tuple[Any, Any] | None:
    """What cffi's recompiler makes, compiled without setuptools; None without a C compiler."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        return None
    ffi = cffi.FFI()
    ffi.cdef(_C)
    ffi.set_source("_native_api", f"#include <stddef.h>\n#include <stdint.h>\n{_C}")
    source, module = path.with_name("_native_api.c"), path.with_name("_native_api.so")
    with redirect_stdout(StringIO()):  # it says what it writes
        ffi.emit_c_code(str(source))
    subprocess.run(
        [compiler, "-O2", "-fPIC", "-shared", f"-I{sysconfig.get_path('include')}", str(source), str(path),
         f"-Wl,-rpath,{path.parent}", "-o", str(module)],
        check=True,
    )  # fmt: skip
    spec = spec_from_file_location(
        "_native_api", module, loader=ExtensionFileLoader("_native_api", str(module))
    )
    assert spec is not None
    assert spec.loader is not None
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.ffi, loaded.lib
