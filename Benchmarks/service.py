"""A service of its own for a benchmark, on a fresh data directory and a port that is free."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

from emc_binary import emc_binary


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """Started and ready; `stop` ends it. Another one on the same directory goes on with its jobs."""

    def __init__(self, directory, workers, port=None):
        self.directory = pathlib.Path(directory)
        self.port = port or free_port()
        # The database of a service started as root runs as another user, who must get through.
        os.chmod(directory, 0o755)
        self.log = open(self.directory / "log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [emc_binary(), "serve", "--listen", f"127.0.0.1:{self.port}", "--workers", str(workers),
             "--data-directory", str(self.directory / "data")], stdout=self.log, stderr=self.log,
            env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"})
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        deadline = time.monotonic() + 120
        while not self.is_ready():
            if time.monotonic() > deadline:
                sys.exit("the service did not become ready")
            time.sleep(0.1)

    def is_ready(self):
        try:
            return self.request("GET", "/readyz")[0] == 200
        except OSError:
            self.connection.close()
            return False

    def request(self, method, path, body=None, headers=None):
        """Status, content and headers of the answer; on one connection."""
        self.connection.request(method, path, body=None if body is None else json.dumps(body),
                                headers={"Content-Type": "application/json"} | (headers or {}))
        response = self.connection.getresponse()
        return response.status, response.read(), response.headers

    def get(self, path):
        return json.loads(self.request("GET", path)[1])

    def submit(self, path, body):
        """The identifier of what was accepted."""
        status, answer, _ = self.request("POST", path, body)
        if status != 202:
            sys.exit(f"POST {path} was answered with {status}: {answer[:500]}")
        return json.loads(answer)["id"]

    def database_process(self):
        """The path of the private cluster's postmaster.pid, and the folder of its socket."""
        pid = self.directory / "data/postgresql/data/postmaster.pid"
        return pid, pid.read_text(encoding="utf-8").splitlines()[4]

    def database(self, statement):
        """What psql answers, unaligned."""
        pid, place = self.database_process()
        command = ["psql", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-Atq", "-h", place, "-U", "emc", "-d", "emc", "-c", statement]
        if os.geteuid() == 0 and pid.owner() != "root":
            command = ["runuser", "-u", pid.owner(), "--"] + command
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
