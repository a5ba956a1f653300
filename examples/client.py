"""From a list of widths to a table: measures how the EMC grows with the width of a network, and reads it with pandas.

    pip install requests pandas
    EMC_URL=http://127.0.0.1:8080 python examples/client.py

EMC_TOKEN has a token where the service wants one.
"""

import os

import pandas
import requests

url = os.environ.get("EMC_URL", "http://127.0.0.1:8080")
session = requests.Session()
if os.environ.get("EMC_TOKEN"):
    session.headers["Authorization"] = f"Bearer {os.environ['EMC_TOKEN']}"


def request(method, path, **options):
    """An answer's JSON; what is wrong is said with every fault."""
    answer = session.request(method, url + path, timeout=60, **options)
    if not answer.ok:
        problem = answer.json()
        faults = [f"\n  {fault.get('pointer', fault.get('parameter'))}: {fault['detail']}" for fault in problem.get("errors", [])]
        raise SystemExit(f"{problem['title']}: {problem.get('detail', '')}{''.join(faults)}")
    return answer.json()


def measurement(width):
    return {
        "name": f"width {width}",
        "dataset": {"name": "gaussian", "dimensions": 10},
        "labels": {"kind": "random"},
        "model": {"kind": "mlp", "hidden": [width]},
        "training": {"max_steps": 1000, "optimizer": {"kind": "adam", "learning_rate": 0.01}},
        "search": {"initial_samples": 16, "relative_width": 0.4, "max_probes": 30},
    }


jobs = [request("POST", "/v1/jobs", json=measurement(width))["id"] for width in (2, 4, 8)]
ended = []
for job in jobs:
    # Answered when the job has ended, at the latest after half a minute.
    while (answer := request("GET", f"/v1/jobs/{job}", params={"wait": 30}))["state"] not in ("succeeded", "failed", "cancelled"):
        pass
    ended.append(answer)

# Nested members become columns with dotted names: result.emc, result.interval.lower, specification.model.kind, …
table = pandas.json_normalize(ended)
table["width"] = [job["specification"]["model"]["hidden"][0] for job in ended]
columns = ["width", "result.parameter_count", "result.emc", "result.interval.lower", "result.interval.upper", "result.emc_per_parameter"]
print(table[columns].rename(columns=lambda name: name.removeprefix("result.")).to_string(index=False))

# The probes of the last one, and how many of each size fit.
probes = pandas.DataFrame(ended[-1]["result"]["probes"])
print(probes.groupby("samples")["outcome"].value_counts().unstack(fill_value=0))

# Every result of the service in one line.
token = {name: value for name, value in session.headers.items() if name == "Authorization"}
everything = pandas.read_csv(f"{url}/v1/results?format=csv", storage_options=token)
print(f"{len(everything)} results with {len(everything.columns)} columns")
