"""Runs the commands of the documents. Called by scripts/check-documents.

Rules, which the documents follow:

- Blocks `sh` and `console` are commands, in a shell for each document, in a folder where examples, scripts, presets, Benchmarks
  and Web are those of the repository. In `console` they stand behind `$ ` (`> ` goes on), and what they answer below them.
  Text between 127.0.0.1:8080 and the program's own address is exchanged both ways.
- A command ends with status 0, and curl gets a status of 2xx, unless the answer that is shown says otherwise: a line begins with
  `emc: ` or `Error: `, or it has the HTTP status.
- The block behind a block `sh`, with nothing between them, is its answer. `json` (where … stands for what was left out) has no member
  that the real one hasn't, and none of another type. Of a `text`, and of what stands below a command in `console`, every line is found,
  in order, where … stands for anything.
- Any other block `json` is a specification, a study, or part of one, and is admitted. Where the line before it ends in
  `NAME.json`: it is written to that file for the commands behind it.
- Blocks `sql` are run by psql on the service's database.
- Options of every `emc …` in other blocks and in text exist; so do the files of the repository that are named.

scripts/lib/faulty-document.md holds these rules themselves: it has a fault of every kind, and each is found.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

# What isn't run, with the reason: (document, how the command begins, reason). There are no others, and each of these is there.
NOT_RUN = [
    ("README.md", "scripts/quickstart", "builds the program; scripts/check-fresh-machine runs it on a clean machine"),
    ("README.md", "scripts/test", "is what runs this check"),
    ("docs/studies.md", "emc study --preset activations --scale quick --output", "trains for minutes; --dry-run of it is run"),
    ("docs/operations.md", "docker ", "builds an image; scripts/check-dockerfile checks the file"),
    ("examples/client.py", "pip install", "scripts/check-documents has them installed"),
]

ADDRESS = "127.0.0.1:8080"
BASE = {"dataset": {"name": "gaussian", "dimensions": 4}, "model": {"kind": "linear"}, "training": {"max_steps": 200}}
FOLDERS = "scripts|Benchmarks|Tests|Sources|examples|deploy|grafana|migrations|presets|Web|docs"
FAULTY = "scripts/lib/faulty-document.md"
TIMEOUT = 90


class Block:
    def __init__(self, kind, text, line, before):
        self.kind, self.text, self.line, self.before = kind, text, line, before


def blocks(text):
    """Fenced blocks; `before` is the text since the last one. Beside them the text outside, and a block without an end."""
    found, before, current, outside = [], [], None, []
    for number, line in enumerate(text.split("\n"), 1):
        if current is None and line.startswith("```"):
            current = Block(line[3:].strip(), [], number, "\n".join(before))
            before = []
        elif current is not None and line.startswith("```"):
            current.text = "\n".join(current.text)
            found.append(current)
            current = None
        elif current is not None:
            current.text.append(line)
        else:
            before.append(line)
            outside.append(line)
    return found, "\n".join(outside), current


def complete(command):
    """Whether the shell needs no further line."""
    if command.endswith("\\"):
        return False
    checked = subprocess.run(["bash", "-n"], input=command, text=True, capture_output=True)
    return checked.returncode == 0 and "here-document" not in checked.stderr


def commands(block):
    """Pairs of a command and the lines of answer that are shown with it; None where the block shows none."""
    found, pending = [], None
    for line in block.text.split("\n"):
        if block.kind == "console":
            if line.startswith("$ "):
                found.append([line[2:], []])
            elif line.startswith("> ") and found and not found[-1][1]:
                found[-1][0] += "\n" + line[2:]
            elif found:
                found[-1][1].append(line)
            continue
        if pending is None and (not line.strip() or line.startswith("#")):
            continue
        pending = line if pending is None else pending + "\n" + line
        if complete(pending):
            found.append([pending, None])
            pending = None
    if pending is not None:
        found.append([pending, None])
    return [(command, shown or None) for command, shown in found]


def lenient_json(text):
    """JSON in which … stands for members, elements or a value that were left out; None where it isn't JSON."""
    text = text.strip()
    if text.startswith('"'):
        text = "{" + text + "}"
    text = re.sub(r",?\s*(?<!\")…(?!\")\s*(?=[\]}])", "", text)
    text = re.sub(r"(?<=[\[{])\s*(?<!\")…(?!\")\s*,?", "", text)
    text = re.sub(r",\s*…\s*(?=,)", "", text)
    text = re.sub(r":\s*…", ": null", text)
    try:
        return json.loads(text)
    except ValueError:
        try:  # one value a line, as jq prints them
            values = [json.loads(line) for line in text.split("\n") if line.strip() and line.strip() != "…"]
            return values[0] if len(values) == 1 else values
        except ValueError:
            return None


def several(text):
    """The JSON values of an answer, one behind the other."""
    decoder, values, place = json.JSONDecoder(), [], 0
    text = text.strip()
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except ValueError:
            return None
        values.append(value)
        while place < len(text) and text[place].isspace():
            place += 1
    return values[0] if len(values) == 1 else values or None


def kind_of(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def differences(shown, real, path=""):
    """What the document shows and the answer hasn't."""
    if shown is None or real is None:
        return []
    if kind_of(shown) != kind_of(real):
        return [f"{path or '/'}: shown as {kind_of(shown)}, is {kind_of(real)}"]
    if isinstance(shown, dict):
        found = []
        for key, value in shown.items():
            found += differences(value, real[key], f"{path}/{key}") if key in real else [f"{path}/{key}: is not in the answer"]
        return found
    if isinstance(shown, list) and real:
        found = []
        for index, value in enumerate(shown):
            tried = [differences(value, element, f"{path}/{index}") for element in real]
            found += min(tried, key=len)
        return found
    return []


def missing_lines(shown, real):
    """The first line shown that isn't found behind those before it."""
    place = 0
    for line in shown:
        parts = [part for part in re.split("…", line.strip()) if part.strip()]
        for part in parts:
            found = real.find(part.strip(), place)
            if found < 0:
                return line
            place = found + len(part.strip())
    return None


class Shell:
    """One shell, which keeps variables and the folder from command to command."""

    def __init__(self, folder, environment):
        self.folder = folder
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "--norc", "-s"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
            env=environment | {"EMC_DOCUMENT_STATUS": str(write)}, pass_fds=[write], text=True, start_new_session=True)  # fmt: skip
        os.close(write)
        self.status, self.count = os.fdopen(read), 0
        self.write("set -o pipefail")

    def write(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def run(self, command):
        """Exit status, standard output, standard error."""
        self.count += 1
        out, err = self.folder / f".out-{self.count}", self.folder / f".err-{self.count}"
        self.write(f"{{\n{command}\n}} < /dev/null > '{out}' 2> '{err}'; echo $? >&$EMC_DOCUMENT_STATUS")
        ready, _, _ = select.select([self.status], [], [], TIMEOUT)
        line = self.status.readline() if ready else ""
        texts = [path.read_text(errors="replace") if path.exists() else "" for path in (out, err)]
        return (int(line) if line.strip() else None, *texts)

    def end(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    def __init__(self, binary, data, arguments, environment, log):
        self.address = f"127.0.0.1:{free_port()}"
        self.log = log
        with open(log, "w") as file:
            self.process = subprocess.Popen(
                [binary, "serve", "--listen", self.address, "--data-directory", data, *arguments],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment)  # fmt: skip
        self.data = data

    def ready(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://{self.address}/readyz", timeout=5):
                    return True
            except OSError:
                time.sleep(0.05)
        return False

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                return self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def database(self):
        pid = pathlib.Path(self.data, "postgresql/data/postmaster.pid").read_text().split("\n")
        return f"postgresql://emc@/emc?host={pid[4].replace('/', '%2F')}&port=5432"


class Check:
    def __init__(self, root, verbose):
        self.root, self.verbose = root, verbose
        self.binary = os.environ["EMC_BINARY"]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="emc-documents-"))
        self.folder.chmod(0o755)  # the database's user gets to its own below
        self.faults, self.ran, self.skipped, self.helps = [], [], set(), {}
        tools = self.folder / "bin"
        tools.mkdir()
        (tools / "emc").symlink_to(pathlib.Path(self.binary).resolve())
        for name in ("python", "python3"):  # a link would not find its packages
            self.program(tools / name, f'exec "{sys.executable}" "$@"')
        curl = shutil.which("curl") or "/usr/bin/curl"
        self.program(tools / "curl", f"exec {curl} --max-time 80 --write-out '%{{stderr}}\\n<http %{{http_code}}>\\n' \"$@\"")
        (self.folder / "home").mkdir()
        dropped = {"DATABASE_URL", "EMC_URL", "EMC_TOKEN", "VIRTUAL_ENV"}
        self.environment = {
            name: value for name, value in os.environ.items() if name not in dropped and not name.startswith("EMC_")
        } | {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": f"{self.folder}/home",
            "LC_ALL": "C.UTF-8",
            # Nothing is downloaded: what is published is asked of a folder that isn't there.
            "EMC_DATASET_MIRROR": f"file://{self.folder}/mirror",
            "EMC_DATA_DIRECTORY": f"{self.folder}/data",
            "EMC_WORKERS": "2",
        }

    def program(self, path, line):
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def fault(self, place, text):
        self.faults.append(f"{place}: {text}")

    # Documents

    def timed(self, name):
        begun = time.monotonic()
        self.document(name)
        return name, sum(place.startswith(name + ":") for place in self.ran), time.monotonic() - begun

    def document(self, name):
        path = self.root / name
        text = path.read_text()
        if path.suffix == ".py":
            lines = re.findall(r"(?m)^    (\S.*)$", text.split('"""')[1])
            text = "```sh\n" + "\n".join(lines) + "\n```\n"
        found, outside, unclosed = blocks(text)
        if unclosed:
            self.fault(f"{name}:{unclosed.line}", "the block has no end")
        for match in re.finditer(r"(?m)^[ \t>]+```\w", text):
            self.fault(f"{name}:{text.count(chr(10), 0, match.start()) + 1}", "the block is indented: it would not be run")
        folder = self.folder / name.replace("/", "-").replace(".", "-")
        folder.mkdir()
        for part in ("examples", "scripts", "presets", "Benchmarks", "Web"):
            (folder / part).symlink_to(self.root / part)
        environment = self.environment | {"EMC_URL": f"http://{self.service.address}"}
        shell = Shell(folder, environment)
        try:
            index = 0
            while index < len(found):
                block = found[index]
                following = found[index + 1] if index + 1 < len(found) else None
                answered = following is not None and not following.before.strip() and following.kind in ("json", "text", "csv")
                place = f"{name}:{block.line}"
                if block.kind in ("sh", "console", "bash"):
                    answer = following if answered and block.kind != "console" else None
                    if not self.block(name, place, block, answer, shell, folder):
                        return
                    index += 2 if answer else 1
                    continue
                if block.kind == "json":
                    self.specification(place, block, folder)
                elif block.kind == "sql":
                    self.sql(place, block)
                elif block.kind in ("", "text"):
                    if re.search(r"(?m)^(\$|curl|docker|scripts/\S+|python3?|jq) ", block.text):
                        self.fault(place, "a command in a block that isn't run: make it sh or console")
                    self.options(place, block.text)
                index += 1
        finally:
            shell.end()
        self.names(name, re.sub(r"(?s)<!--.*?-->|(?m:^[ \t>]*```[^\n]*$)", "", outside))

    def block(self, name, place, block, answer, shell, folder):
        """False where the document can't go on."""
        pairs = commands(block)
        if answer is not None:
            pairs[-1] = (pairs[-1][0], answer.text.split("\n"))
        everything = ""
        # What an answer block shows may come from any command of the block before it.
        for number, (command, shown) in enumerate(pairs):
            skipped = [entry for entry in NOT_RUN if entry[0] == name and command.startswith(entry[1])]
            if skipped:
                self.skipped.add(skipped[0][:2])
                continue
            if re.match(r"(\w+=\S* )*emc serve\b", command):
                self.serve(place, command)
                continue
            status, out, err = shell.run(command.replace(ADDRESS, self.service.address))
            out, err = (text.replace(self.service.address, ADDRESS) for text in (out, err))
            codes = [int(code) for code in re.findall(r"<http (\d+)>", err)]
            err = re.sub(r"\n?<http \d+>\n?", "", err)
            everything += out + err
            self.ran.append(place)
            if self.verbose:
                print(f"--- {place} [{status}] {command}\n{out}{err}", flush=True)
            if status is None:
                self.fault(place, f"`{command}` has not ended after {TIMEOUT} s")
                return False
            expected = answer.text.split("\n") if answer is not None else shown
            said = "\n".join(expected or [])
            if status != 0 and not re.search(r"(?m)^(Error|emc): ", said):
                self.fault(place, f"`{command}` ended with {status}:\n{(out + err)[-2000:]}")
            if status == 0 and shown and re.match(r"(Error|emc): ", shown[0]):
                self.fault(place, f"`{command}` did not fail")
            stated = [int(code) for code in re.findall(r'HTTP/1\.1 (\d+)|"status": ?(\d+)', said) for code in code if code]
            unstated = [code for code in codes if not 200 <= code < 300 and code not in stated]
            if stated and not set(codes) & set(stated) and codes:
                self.fault(place, f"`{command}` was answered {codes}, the document says {stated}")
            elif unstated:
                self.fault(place, f"`{command}` was answered {unstated}:\n{out[-2000:]}")
            if shown:
                is_json = answer is not None and answer.kind == "json"
                self.answer(place, command, shown, is_json, out, everything if answer is not None else out + err)
        return True

    def answer(self, place, command, shown, is_json, out, everything):
        if is_json:
            value, real = lenient_json("\n".join(shown)), several(out)
            if value is None:
                return self.fault(place, "the answer that is shown is no JSON")
            if real is None:
                return self.fault(place, f"`{command}` has no JSON for an answer:\n{out[-1000:]}")
            found = differences(value, real)
            if found:
                self.fault(place, f"`{command}`: " + "; ".join(found))
            return
        line = missing_lines(shown, everything)
        if line is not None:
            self.fault(place, f"`{command}` doesn't answer `{line}`:\n{everything[-2000:]}")

    def serve(self, place, command):
        """A service as the command starts it, but for its address and its data."""
        self.ran.append(place)
        words = command.split("emc serve", 1)[1].split()
        environment = self.environment | dict(re.findall(r"(\w+)=(\S*)(?= .*emc serve)", command))
        if "--listen" in words:
            del words[words.index("--listen") : words.index("--listen") + 2]
        data = self.folder / f"serve-{len(self.ran)}"
        service = Service(self.binary, str(data), words, environment, f"{data}.log")
        if not service.ready():
            self.fault(place, f"`{command}` does not serve:\n{pathlib.Path(service.log).read_text()[-1000:]}")
        elif (status := service.end()) != 0:
            self.fault(place, f"`{command}` ended with {status}")
        service.end()

    # Specifications

    def post(self, path, value):
        request = urllib.request.Request(
            f"http://{self.service.address}{path}", json.dumps(value).encode(), {"Content-Type": "application/json"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def specification(self, place, block, folder):
        self.ran.append(place)
        value = lenient_json(block.text)
        if value is None:
            return self.fault(place, "the block is no JSON")
        named = re.search(r"`([\w-]+\.json)`[^`\n]*:\s*$", block.before.rstrip("\n"))
        if named:
            (folder / named[1]).write_text(json.dumps(value))
        if not isinstance(value, dict):
            return self.fault(place, "the block is neither a specification nor an answer to the commands above it")
        if "base" in value or "preset" in value:
            status, text = self.post("/v1/studies?dry_run=true", value)
            if status != 200:
                self.fault(place, f"the study is not admitted: {status} {text[:1000]}")
            return
        if set(value) & {"dataset", "model", "search", "training", "limits", "labels", "generalization", "job", "webhooks"}:
            # What is published isn't here: the job waits for it and is taken back.
            status, text = self.post("/v1/jobs", BASE | value)
        elif "name" in value:
            status, text = self.post("/v1/jobs", BASE | {"dataset": value})
        elif "kind" in value:
            status, text = self.post("/v1/jobs", BASE | {"model": value})
        else:
            return self.fault(place, "the block is neither a specification nor an answer to the commands above it")
        if status != 202:
            return self.fault(place, f"the specification is not admitted: {status} {text[:1000]}")
        self.post(f"/v1/jobs/{json.loads(text)['id']}/cancel", {})

    def sql(self, place, block):
        self.ran.append(place)
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", self.service.database()],
            input=block.text, text=True, capture_output=True)  # fmt: skip
        if done.returncode != 0:
            self.fault(place, f"psql: {done.stderr}")

    # Names in text

    def help(self, words):
        if words not in self.helps:
            done = subprocess.run([self.binary, *words, "--help"], text=True, capture_output=True, env=self.environment)
            self.helps[words] = done.stdout if done.returncode == 0 else ""
        return self.helps[words]

    def options(self, place, text):
        """Commands that aren't run exist, with every option that they are shown with."""
        for line in text.split("\n"):
            match = re.match(r"\s*(?:\S+=\S+ )*emc ([a-z][a-z-]*)((?: [a-z|]+)?)\b(.*)", line)
            if not match:
                continue
            command, second, rest = match[1], match[2].strip(), match[3]
            if not self.help((command,)):
                self.fault(place, f"there is no `emc {command}`")
                continue
            nested = re.findall(r"(?m)^  ([a-z]+)  ", self.help((command,)).split("SUBCOMMANDS:")[-1])
            nested = nested if "SUBCOMMANDS:" in self.help((command,)) else []
            # A line may sum up several subcommands: their options are looked for in all.
            chosen = [word for word in re.findall(r"[a-z]+", second + " " + rest) if word in nested]
            for word in second.split("|") if nested and second else []:
                if word not in nested:
                    self.fault(place, f"there is no `emc {command} {word}`")
            help = self.help((command,)) + "".join(self.help((command, word)) for word in chosen)
            for option in re.findall(r"(?:^|[ \[|])(--[a-z][a-z-]+)", rest):
                if option not in help and option != "--help":
                    self.fault(place, f"`emc {command}` has no {option}")

    def names(self, name, text):
        for code in re.findall(r"`([^`]+)`", text.replace("\n", " ")):
            self.options(name, code)
            for path in re.findall(r"^(?:\.\./)?((?:%s)/[\w./+-]*)(?![\w./+-]|…)" % FOLDERS, code):
                if not re.search(r"NAME|NNNN", path) and not (self.root / path).exists():
                    self.fault(name, f"there is no {path}")

    def reading(self):
        """docs/reading.json is what the commands of docs/reading.md make: the same members, all of them."""
        kept = json.loads((self.root / "docs/reading.json").read_text())
        made = json.loads((self.folder / "docs-reading-md/result.json").read_text())
        for one, other, words in [(kept, made, "the program's result"), (made, kept, "docs/reading.json")]:
            one = {key: value for key, value in one.items() if key not in ("probes", "diagnosis")}
            for fault in differences(one, other):
                self.fault("docs/reading.json", f"{fault} ({words}): run scripts/draw-reading")

    def settings(self):
        """Every flag and variable of the service is in docs/operations.md."""
        text = (self.root / "docs/operations.md").read_text()
        for name in sorted(set(re.findall(r"--[a-z][a-z-]+|EMC_[A-Z_]+|DATABASE_URL", self.help(("serve",))))):
            if name not in ("--help", "--version") and f"`{name}" not in text:
                self.fault("docs/operations.md", f"lacks {name} of emc serve")

    def rules(self):
        """The faulty document has just the faults that it states."""
        other, self.faults = self.faults, []
        self.document(FAULTY)
        found, self.faults = self.faults, other
        stated = re.findall(r"<!-- fault: (.*?) -->", (self.root / FAULTY).read_text())
        for text in stated:
            match = next((fault for fault in found if text in fault), None)
            if match is None:
                self.fault(FAULTY, f"'{text}' is not found")
            else:
                found.remove(match)
        self.faults += [f"{fault} (not stated)" for fault in found]

    # All of it

    def run(self, names):
        started = time.monotonic()
        self.service = Service(
            self.binary, f"{self.folder}/data", [], self.environment, f"{self.folder}/service.log")
        try:
            if not self.service.ready():
                print(pathlib.Path(self.service.log).read_text(), file=sys.stderr)
                sys.exit("the service does not start")
            # Most of the time is waiting: several at once. The faulty document comes last, since its faults are told apart.
            with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
                for name, count, seconds in pool.map(self.timed, names):
                    print(f"{name}: {count} commands and examples, {seconds:.1f} s", flush=True)
            self.rules()
        finally:
            status = self.service.end()
        if status != 0:
            self.fault("the service", f"ended with {status}")
        if "docs/operations.md" in names:
            self.settings()
        if "docs/reading.md" in names and not self.faults:
            self.reading()
        for document, command, _ in NOT_RUN:
            if document in names and (document, command) not in self.skipped:
                self.fault(document, f"NOT_RUN lists `{command}`, which the document hasn't")
        for document, command, reason in NOT_RUN:
            if (document, command) in self.skipped:
                print(f"not run: {document}: {command} …: {reason}")
        print(f"{len(self.ran)} commands and examples in {time.monotonic() - started:.0f} s")


def main():
    root, arguments = pathlib.Path(sys.argv[1]), sys.argv[2:]
    verbose = "--verbose" in arguments
    names = [argument for argument in arguments if argument != "--verbose"] or [
        str(path.relative_to(root))
        for path in [*(root / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "Benchmarks/README.md")),
                     *sorted((root / "docs").glob("*.md")), *sorted((root / "examples").glob("*.py"))]
    ]  # fmt: skip
    check = Check(root, verbose)
    try:
        check.run(names)
    finally:
        shutil.rmtree(check.folder, ignore_errors=True)
    if check.faults:
        sys.exit("\n" + "\n\n".join(check.faults))


main()
