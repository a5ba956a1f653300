#!/usr/bin/env python3
"""Time of one training step in JAX, for the workloads of `emc benchmark` where XLA is fast on a CPU.

The step is that of pytorch_step.py: gather of 128 shuffled samples out of 2,048, forward, mean cross-entropy, backward,
SGD with momentum. Two variants: a whole epoch as one compiled call (`jit` of a `scan`), in which nothing of Python is left,
and one compiled call a step, which XLA runs faster where convolutions are inside.
"""

import argparse
import json
import os
import statistics
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--workload", action="append", choices=["mlp", "cnn", "vit"], help="may be repeated; all when absent")
parser.add_argument("--variant", action="append", choices=["scan", "step"], help="may be repeated; both when absent")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=3, help="measuring time of each workload")
parser.add_argument("--json", action="store_true")
arguments = parser.parse_args()

# XLA sizes its thread pool by the processors that it may use, when it loads.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:arguments.threads])
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp

SAMPLES = 2048
BATCH = 128
LEARNING_RATE = 0.01
MOMENTUM = 0.9


def linear(key, inputs, outputs):
    bound = inputs ** -0.5
    weight, bias = jax.random.split(key)
    return {"w": jax.random.uniform(weight, (inputs, outputs), minval=-bound, maxval=bound),
            "b": jax.random.uniform(bias, (outputs,), minval=-bound, maxval=bound)}


def convolution(key, inputs, outputs, size):
    bound = (inputs * size * size) ** -0.5
    weight, bias = jax.random.split(key)
    return {"w": jax.random.uniform(weight, (size, size, inputs, outputs), minval=-bound, maxval=bound),
            "b": jax.random.uniform(bias, (outputs,), minval=-bound, maxval=bound)}


def dense(layer, x):
    return x @ layer["w"] + layer["b"]


def convolve(layer, x, stride, padding):
    return jax.lax.conv_general_dilated(
        x, layer["w"], (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + layer["b"]


def pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def layer_norm(layer, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred ** 2).mean(-1, keepdims=True) + 1e-5) * layer["w"] + layer["b"]


def mlp(key):
    keys = jax.random.split(key, 3)
    parameters = [linear(keys[0], 784, 64), linear(keys[1], 64, 64), linear(keys[2], 64, 10)]

    def forward(p, x):
        x = jax.nn.relu(dense(p[0], x))
        return dense(p[2], jax.nn.relu(dense(p[1], x)))

    return parameters, forward, (784,)


def cnn(key):
    keys = jax.random.split(key, 4)
    parameters = [convolution(keys[0], 3, 16, 3), convolution(keys[1], 16, 32, 3),
                  linear(keys[2], 2048, 64), linear(keys[3], 64, 10)]

    def forward(p, x):
        x = pool(jax.nn.relu(convolve(p[0], x, 1, "SAME")))
        x = pool(jax.nn.relu(convolve(p[1], x, 1, "SAME")))
        return dense(p[3], jax.nn.relu(dense(p[2], x.reshape(x.shape[0], -1))))

    return parameters, forward, (32, 32, 3)


def vit(key, width=64, depth=2, heads=4, hidden=128, tokens=64):
    keys = iter(jax.random.split(key, 4 + 4 * depth))
    norm = {"w": jnp.ones(width), "b": jnp.zeros(width)}
    parameters = {
        "patch": convolution(next(keys), 3, width, 4), "cls": jnp.zeros((1, 1, width)),
        "pos": 0.02 * jax.random.normal(next(keys), (1, tokens + 1, width)), "norm": norm,
        "head": linear(next(keys), width, 10),
        "blocks": [{"ln1": norm, "qkv": linear(next(keys), width, 3 * width), "proj": linear(next(keys), width, width),
                    "ln2": norm, "fc1": linear(next(keys), width, hidden), "fc2": linear(next(keys), hidden, width)}
                   for _ in range(depth)]}

    def forward(p, x):
        x = convolve(p["patch"], x, 4, "VALID").reshape(x.shape[0], tokens, width)
        x = jnp.concatenate([jnp.broadcast_to(p["cls"], (x.shape[0], 1, width)), x], 1) + p["pos"]
        for block in p["blocks"]:
            qkv = dense(block["qkv"], layer_norm(block["ln1"], x))
            q, k, v = jnp.moveaxis(qkv.reshape(*x.shape[:2], 3, heads, width // heads), 2, 0)
            scores = jnp.einsum("bqhc,bkhc->bhqk", q, k) * (width // heads) ** -0.5
            attended = jnp.einsum("bhqk,bkhc->bqhc", jax.nn.softmax(scores), v).reshape(x.shape)
            x = x + dense(block["proj"], attended)
            y = jax.nn.gelu(dense(block["fc1"], layer_norm(block["ln2"], x)), approximate=False)
            x = x + dense(block["fc2"], y)
        return dense(p["head"], layer_norm(p["norm"], x)[:, 0])

    return parameters, forward, (32, 32, 3)


def measure(workload, variant, seconds):
    """Microseconds a step, one figure for each repeat."""
    key = jax.random.key(1)
    parameters, forward, shape = {"mlp": mlp, "cnn": cnn, "vit": vit}[workload](key)
    inputs = jax.random.normal(key, (SAMPLES, *shape))
    labels = jax.random.randint(key, (SAMPLES,), 0, 10)

    def objective(p, x, y):
        return -jnp.take_along_axis(jax.nn.log_softmax(forward(p, x)), y[:, None], 1).mean()

    def step(state, chosen):
        p, velocity = state
        gradient = jax.grad(objective)(p, inputs[chosen], labels[chosen])
        velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, gradient)
        return (jax.tree.map(lambda w, v: w - LEARNING_RATE * v, p, velocity), velocity), None

    @jax.jit
    def scanned(state, key):
        order = jax.random.permutation(key, SAMPLES).reshape(-1, BATCH)
        return jax.lax.scan(step, state, order)[0]

    shuffle = jax.jit(lambda key: tuple(jax.random.permutation(key, SAMPLES).reshape(-1, BATCH)))
    compiled_step = jax.jit(lambda state, chosen: step(state, chosen)[0])

    def stepped(state, key):
        for chosen in shuffle(key):
            state = compiled_step(state, chosen)
        return state

    epoch = scanned if variant == "scan" else stepped

    state = (parameters, jax.tree.map(jnp.zeros_like, parameters))
    state = jax.block_until_ready(epoch(state, key))
    began = time.perf_counter()
    state = jax.block_until_ready(epoch(state, key))
    epochs = max(1, round(0.05 / (time.perf_counter() - began)))
    figures = []
    deadline = time.perf_counter() + seconds
    while len(figures) < 3 or time.perf_counter() < deadline:
        key, *keys = jax.random.split(key, epochs + 1)
        began = time.perf_counter()
        for each in keys:
            state = epoch(state, each)
        jax.block_until_ready(state)
        figures.append((time.perf_counter() - began) / (epochs * (SAMPLES // BATCH)) * 1e6)
    return figures


results = []
for workload in arguments.workload or ["mlp", "cnn", "vit"]:
    for variant in arguments.variant or ["scan", "step"]:
        figures = measure(workload, variant, arguments.seconds)
        result = {
            "peer": "jax", "version": jax.__version__, "workload": workload, "variant": variant,
            "threads": arguments.threads, "microseconds_per_step": min(figures),
            "median_microseconds_per_step": statistics.median(figures), "repeats": len(figures)}
        results.append(result)
        if not arguments.json:
            print("{workload:7} {variant:24} {threads} thread(s)  minimum {microseconds_per_step:9.1f} µs"
                  "  median {median_microseconds_per_step:9.1f} µs".format(**result), flush=True)
if arguments.json:
    print(json.dumps(results, indent=1))
