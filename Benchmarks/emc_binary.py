"""Which emc the benchmarks run: EMC_BINARY, or the release build of this repository; and a measurement by it."""

import json
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


def measure(binary, mirror, specification, workers=None):
    """The result of `emc measure`, with the data of a mirror's folder; ends the program where it fails."""
    ended = subprocess.run(
        [binary, "measure", "--specification", "-", "--dataset-mirror", f"file://{os.path.abspath(mirror)}",
         "--workers", str(workers or os.cpu_count())],
        input=json.dumps(specification), capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(f"emc measure: {ended.stderr.strip()}")
    return json.loads(ended.stdout)
