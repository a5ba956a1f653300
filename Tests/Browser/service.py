"""A service of its own for the browser's tests: emc on a free port with a data directory that is removed afterwards."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

root = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """EMC_BINARY, or the release build. Where EMC_TEST_URL names a running service, that one is used instead."""

    def __init__(self, workers=1):
        self.binary = os.environ.get("EMC_BINARY", str(root / ".build/release/emc"))
        self.workers = workers
        self.process = None
        self.directory = Path(tempfile.mkdtemp(prefix="emc-browser-"))
        # The database runs as another user where this runs as root.
        self.directory.chmod(0o755)
        self.url = os.environ.get("EMC_TEST_URL") or f"http://127.0.0.1:{free_port()}"
        self.is_own = "EMC_TEST_URL" not in os.environ

    def start(self):
        if self.is_own:
            environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "EMC_TOKEN")}
            with open(self.directory.with_suffix(".log"), "ab") as log:
                self.process = subprocess.Popen(
                    [self.binary, "serve", "--listen", self.url.removeprefix("http://"), "--workers", str(self.workers),
                     "--data-directory", str(self.directory)], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.until("the service to answer", lambda: self.is_ready(), 120)
        return self

    def is_ready(self):
        if self.process and self.process.poll() is not None:
            raise RuntimeError(f"emc has ended:\n{self.directory.with_suffix('.log').read_text()[-2000:]}")
        try:
            return self.get("/readyz") is not None
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
            self.process = None

    def remove(self):
        self.stop()
        if self.is_own:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory.with_suffix(".log").unlink(missing_ok=True)

    def request(self, method, path, body=None, headers=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers={"Content-Type": "application/json", **(headers or {})})
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
            return json.loads(content) if content and "json" in answer.headers.get("Content-Type", "") else content

    def get(self, path):
        return self.request("GET", path)

    def has(self, path):
        """Whether the service has this route."""
        try:
            self.get(path)
            return True
        except urllib.error.HTTPError as error:
            return json.loads(error.read() or b"{}").get("type") != "urn:emc:problem:not-found" and error.code != 405

    def submit(self, specification):
        return self.request("POST", "/v1/jobs", specification)["id"]

    def ended(self, job, seconds=240):
        """The job once it has ended."""
        found = {}

        def look():
            found.update(self.get(f"/v1/jobs/{job}"))
            return found["state"] in ("succeeded", "failed", "cancelled")

        self.until(f"the end of {job}", look, seconds)
        return found

    @staticmethod
    def until(what, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s for {what}")
            time.sleep(0.1)

    def database(self, statement):
        """Runs SQL in the service's private cluster."""
        lines = (self.directory / "postgresql/data/postmaster.pid").read_text().splitlines()
        address = f"postgresql://emc@/emc?host={lines[4].replace('/', '%2F')}&port=5432"
        return subprocess.run(["psql", "--no-psqlrc", "-At", "-v", "ON_ERROR_STOP=1", address, "-c", statement], check=True, capture_output=True, text=True).stdout


def linear(dimensions=20, seed=1, **more):
    """A measurement that takes a second or two."""
    return {
        "name": f"{dimensions} dimensions, seed {seed}", "dataset": {"name": "gaussian", "dimensions": dimensions}, "labels": {"kind": "random"},
        "model": {"kind": "linear"}, "training": {"max_steps": 1000, "optimizer": {"kind": "sgd", "learning_rate": 0.1}},
        "search": {"initial_samples": 16, "relative_width": 0.4, "max_probes": 30}, "seed": seed, **more,
    }


def long_running(seed=1):
    """A measurement that goes on until it is cancelled: many probes, each of which takes some tenths of a second."""
    return {
        "name": f"long, seed {seed}", "dataset": {"name": "prototypes", "height": 14, "width": 14}, "labels": {"kind": "random"},
        "model": {"kind": "mlp", "hidden": [24]}, "training": {"max_steps": 4000},
        "search": {"relative_width": 0.01, "max_probes": 5000, "probes_per_round": 2}, "seed": seed,
    }


def tuned(seed=1, **search):
    """A race among rates, the winner's measurement, and verifications of its failures."""
    more = {"verification": {"probes": 2}, "tune": {"/training/optimizer/learning_rate": [0.001, 0.1, 10]}, **search}
    measurement = linear(dimensions=10, seed=seed)
    return {**measurement, "name": f"tuned, seed {seed}", "search": {**measurement["search"], **more}}


def long_race(seed=1):
    """A race that goes on for long enough to be looked at."""
    measurement = long_running(seed)
    return {**measurement, "name": f"race, seed {seed}", "search": {**measurement["search"], "tune": {"/training/optimizer/learning_rate": {"from": 0.001, "to": 0.03, "count": 6}}}}
