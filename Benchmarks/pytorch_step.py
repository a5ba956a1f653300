#!/usr/bin/env python3
"""Time of one training step in PyTorch, for the workloads of `emc benchmark`.

A step is what a training loop pays for one minibatch: the gather of 128 samples in shuffled order out of 2,048, forward,
mean cross-entropy, backward, and the update by SGD with momentum. Every variant that PyTorch offers on a CPU is measured
(eager, eager with the fused optimizer, compiled; both memory layouts where there are images), so that a comparison can
take its best one.
"""

import argparse
import json
import os
import statistics
import sys
import time

# Where a variable of the environment picks slower kernels, the peer would be measured below its best.
os.environ.pop("OPENBLAS_CORETYPE", None)

import torch
from torch import nn
from torch.nn import functional

SAMPLES = 2048
BATCH = 128
LEARNING_RATE = 0.01
MOMENTUM = 0.9


class ResidualBlock(nn.Module):
    """conv-bn-act-conv-bn + shortcut, act."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class TransformerBlock(nn.Module):
    """x + proj(attention(ln1 x)), then x + fc2(gelu(fc1(ln2 x)))."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.ln1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.ln2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(self.ln1(x)).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(attended.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.fc2(functional.gelu(self.fc1(self.ln2(x))))


class VisionTransformer(nn.Module):
    def __init__(self, image=32, patch=4, width=64, depth=2, heads=4, hidden=128, classes=10):
        super().__init__()
        self.patch = nn.Conv2d(3, width, patch, patch)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.pos = nn.Parameter(torch.randn(1, (image // patch) ** 2 + 1, width) * 0.02)
        self.blocks = nn.Sequential(*[TransformerBlock(width, heads, hidden) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.pos
        return self.head(self.norm(self.blocks(x))[:, 0])


def build(workload):
    """The network of a workload and the shape of its inputs (NCHW for images)."""
    if workload == "mlp":
        layers = [nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)]
        return nn.Sequential(*layers), (784,)
    if workload == "cnn":
        return nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(2048, 64), nn.ReLU(), nn.Linear(64, 10)), (3, 32, 32)
    if workload == "vit":
        return VisionTransformer(), (3, 32, 32)
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        ResidualBlock(16, 16, 1), ResidualBlock(16, 32, 2), ResidualBlock(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)), (3, 32, 32)


def measure(workload, mode, channels_last, seconds):
    """Microseconds a step, one figure for each repeat: an epoch of 16 steps, or several where epochs are short."""
    torch.manual_seed(1)
    torch.compiler.reset()
    network, shape = build(workload)
    inputs = torch.randn(SAMPLES, *shape)
    labels = torch.randint(0, 10, (SAMPLES,))
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        network.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, fused=mode != "eager")

    def loss_of(x, y):
        return functional.cross_entropy(network(x), y)

    objective = torch.compile(loss_of) if mode == "compiled" else loss_of

    def epoch():
        order = torch.randperm(SAMPLES)
        for start in range(0, SAMPLES, BATCH):
            chosen = order[start:start + BATCH]
            loss = objective(inputs[chosen], labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    steps = SAMPLES // BATCH
    for _ in range(2):
        epoch()
    began = time.perf_counter()
    epoch()
    epochs = max(1, round(0.05 / (time.perf_counter() - began)))
    figures = []
    deadline = time.perf_counter() + seconds
    while len(figures) < 3 or time.perf_counter() < deadline:
        began = time.perf_counter()
        for _ in range(epochs):
            epoch()
        figures.append((time.perf_counter() - began) / (epochs * steps) * 1e6)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", action="append", choices=["mlp", "cnn", "vit", "resnet"],
                        help="may be repeated; all when absent")
    parser.add_argument("--mode", action="append", choices=["eager", "fused", "compiled"],
                        help="may be repeated; all when absent")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3, help="measuring time of each variant")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(1)

    results = []
    for workload in arguments.workload or ["mlp", "cnn", "vit", "resnet"]:
        layouts = [False] if workload == "mlp" else [False, True]
        for mode in arguments.mode or ["eager", "fused", "compiled"]:
            for channels_last in layouts:
                variant = mode + (" channels-last" if channels_last else "")
                try:
                    figures = measure(workload, mode, channels_last, arguments.seconds)
                except Exception as error:  # a machine without a C++ compiler has no compiled mode
                    if mode != "compiled":
                        raise
                    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                    print(f"{workload} {variant}: not available: {reason}", file=sys.stderr)
                    continue
                result = {
                    "peer": "pytorch", "version": torch.__version__, "workload": workload, "variant": variant,
                    "threads": arguments.threads, "microseconds_per_step": min(figures),
                    "median_microseconds_per_step": statistics.median(figures), "repeats": len(figures)}
                results.append(result)
                if not arguments.json:
                    print("{workload:7} {variant:24} {threads} thread(s)  minimum {microseconds_per_step:9.1f} µs"
                          "  median {median_microseconds_per_step:9.1f} µs".format(**result), flush=True)
    if arguments.json:
        print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
