"""What PyO3 makes of the functions of `_crossing`: an extension, built by maturin."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import _crossing

if TYPE_CHECKING:
    from pathlib import Path

# The release profile with what PyO3's guide adds for speed: the whole program optimised at once.
_CARGO = """\
[package]
name = "exposed"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[dependencies]
numpy = "0.30"
pyo3 = "0.30"

[profile.release]
opt-level = 3
lto = "fat"
codegen-units = 1
"""


def missing() -> str:
    """What is not there to build with; empty where all is."""
    if find_spec("maturin") is None:
        return "no maturin: pip install -r benchmarks/requirements.txt"
    return "" if shutil.which("cargo") else "no cargo on PATH: it comes with rustc from https://rustup.rs"


def build(folder: Path) -> tuple[Any, Path]:
    """The extension, imported, and its library.

    What cargo makes in ``folder`` is found there by the next build.
    """
    (folder / "src").mkdir(parents=True, exist_ok=True)
    for name, text in (("Cargo.toml", _CARGO), ("src/lib.rs", _crossing.pyo3())):
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    wheels = folder / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "maturin", "build", "--release", f"-i{sys.executable}", f"-o{wheels}"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"maturin could not build the PyO3 extension:\n{done.stdout}")
    (wheel,) = wheels.glob("*.whl")
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".so"))
        library = wheels / archive.extract(name, wheels)
    spec = spec_from_file_location("exposed", library, loader=ExtensionFileLoader("exposed", str(library)))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, library
