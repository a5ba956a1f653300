"""Which emc the benchmarks run: EMC_BINARY, or the release build of this repository."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def emc_binary():
    """Its path; ends the program where there is none."""
    binary = os.environ.get("EMC_BINARY")
    if binary is None:
        shown = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                               capture_output=True, text=True)
        binary = str(pathlib.Path(shown.stdout.strip()) / "emc")
    if not os.access(binary, os.X_OK):
        sys.exit(f"no {binary}: swift build -c release --product emc, or EMC_BINARY")
    return binary
