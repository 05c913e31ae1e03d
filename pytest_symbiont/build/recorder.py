"""Run as a program: writes down a rustc that cargo starts, and becomes it.

Cargo runs it in the place of rustc for the crates of a workspace (``RUSTC_WORKSPACE_WRAPPER``). It uses
nothing of this package, so that it starts quickly and in any environment.
"""

import json
import os
import sys

# Where to write, and the names of the variables that cargo itself was started with.
RECORD, KNOWN = "SYMBIONT_RECORD", "SYMBIONT_KNOWN"
# What cargo sets for a crate, also where its user had set it.
_OF_CRATES = ("CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "OUT_DIR")


def main() -> None:
    """Append one line of JSON for a crate that is compiled."""
    command = sys.argv[1:]
    if "--crate-name" in command and "--out-dir" in command:
        known = set(os.environ.get(KNOWN, "").split(","))
        told = {
            name: value
            for name, value in os.environ.items()
            if name not in known or name.startswith(_OF_CRATES)
        }
        folder = os.getcwd()  # noqa: PTH109 - the less is imported
        line = json.dumps({"command": command, "folder": folder, "environment": told}) + "\n"
        with open(os.environ[RECORD], "a", encoding="utf-8") as file:  # noqa: PTH123 - the less is imported
            file.write(line)
    os.execvp(command[0], command)  # noqa: S606 - that is what cargo asked for


if __name__ == "__main__":
    main()
