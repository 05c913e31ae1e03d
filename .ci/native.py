"""rustfmt, clippy and tests for `native/`. Needs cargo, which users of the package do not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NATIVE = Path(__file__).resolve().parent.parent / "native"
STEPS = (
    ("fmt", "--all", "--check"),
    ("clippy", "--all-targets", "--", "-D", "warnings"),
    ("test",),
)


def main() -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        print("native: SKIPPED, no cargo on PATH")
        return
    with tempfile.TemporaryDirectory(prefix="native-") as target:
        env = {**os.environ, "CARGO_TARGET_DIR": target}
        for step in STEPS:
            print(f"native: cargo {' '.join(step)}", flush=True)
            if step[0] != "test" and not _installed(cargo, step[0]):
                component = {"fmt": "rustfmt"}.get(step[0], step[0])
                print(f"native: SKIPPED, no {step[0]} in this toolchain (rustup component add {component})")
            elif subprocess.run([cargo, *step], cwd=NATIVE, env=env, check=False).returncode:
                sys.exit(f"native: cargo {' '.join(step)} failed")


def _installed(cargo: str, tool: str) -> bool:
    done = subprocess.run([cargo, tool, "--version"], cwd=NATIVE, capture_output=True, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    main()
