"""Writes each page of the dashboard, light and dark, to docs/screenshots. Run by scripts/screenshots."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from service import Service, linear, root

target = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "docs/screenshots"


def digits(**more):
    """A measurement whose pages show something: MNIST where a mirror has it, else images that are made."""
    dataset = {"name": "mnist"} if os.environ.get("EMC_DATASET_MIRROR") else {"name": "prototypes"}
    return {
        "dataset": dataset, "labels": {"kind": "random"}, "model": {"kind": "mlp", "hidden": [16]}, "training": {"max_steps": 5000},
        "search": {"relative_width": 0.35, "max_probes": 40}, **more,
    }


def prepare(service):
    """Jobs in several states, and a data set. Returns what pages to show."""
    done = [service.submit(digits(name="Digits with random labels, MLP [16]")),
            service.submit(digits(name="The same with SGD", training={"max_steps": 5000, "optimizer": {"kind": "sgd", "learning_rate": 0.05}})),
            service.submit(digits(name="The same with tanh", model={"kind": "mlp", "hidden": [16], "activation": "tanh"}))]
    done += [service.submit(linear(dimensions=d, seed=1)) for d in (10, 20, 40)]
    for job in done:
        service.ended(job, 900)
    cancelled = service.submit(digits(name="Given up", seed=3))
    service.request("POST", f"/v1/jobs/{cancelled}/cancel")
    subprocess.run(["curl", "-sSf", "-o", "/dev/null", "-F", "name=photos", "-F", "height=32", "-F", "width=32", "-F",
                    f"file=@{root}/Tests/DatasetsTests/Fixtures/image_folder/sample.tar", f"{service.url}/v1/datasets"], check=True)
    study = None
    if service.has("/v1/studies"):
        study = service.request("POST", "/v1/studies", {
            "name": "Activations of a small network", "base": {**linear(dimensions=12), "model": {"kind": "mlp", "hidden": [8]}, "name": "base"},
            "axes": [{"pointer": "/model/activation", "values": ["relu", "tanh", "sigmoid"]}], "compare": "pairs"})["id"]
        service.until("the study's end", lambda: service.get(f"/v1/studies/{study}")["state"] in ("succeeded", "failed", "cancelled"), 600)
    running = service.submit(digits(name="Closing in: a CNN", model={"kind": "cnn", "channels": [4, 8], "hidden": [16]}, search={"relative_width": 0.1, "max_probes": 200}))
    pages = {
        "jobs": "/#/jobs", "new-job": f"/#/new?from={done[0]}", "job": f"/#/job/{done[0]}", "compare": f"/#/compare?jobs={','.join(done[:3])}",
        "studies": "/#/studies", "datasets": "/#/datasets", "dataset": "/#/dataset/photos", "workers": "/#/workers", "settings": "/#/settings", "docs": "/docs",
        "job-running": f"/#/job/{running}",
    }
    if study:
        pages["study"] = f"/#/study/{study}"
    service.until("probes of the running job", lambda: (service.get(f"/v1/jobs/{running}")["progress"] or {}).get("probes_finished", 0) > 6, 300)
    return pages


def main():
    target.mkdir(parents=True, exist_ok=True)
    service = Service(workers=1).start()
    try:
        pages = prepare(service)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
            for name, path in pages.items():
                for scheme, width in (("light", 1280), ("dark", 1280), ("phone", 390)):
                    if scheme == "phone" and name not in ("jobs", "job", "new-job"):
                        continue
                    context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme="dark" if scheme == "dark" else "light")
                    page = context.new_page()
                    page.goto(service.url + path)
                    page.locator("h1").first.wait_for()
                    page.wait_for_timeout(6000 if name == "job-running" else 1800)
                    # The top of a page is what tells what it is: a picture in the documentation isn't a scroll.
                    height = min(2600 if scheme == "phone" else 2000, page.evaluate("document.scrollingElement.scrollHeight"))
                    page.screenshot(path=target / f"{name}-{scheme}.png", clip={"x": 0, "y": 0, "width": width, "height": height}, full_page=True)
                    context.close()
            browser.close()
    finally:
        service.remove()
    print(f"{target}: {len(list(target.glob('*.png')))} pictures")


main()
