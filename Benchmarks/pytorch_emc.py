#!/usr/bin/env python3
"""The measurement of `emc measure` on MNIST, written in PyTorch: the same procedure, the same search.

An MLP 784-16-10 with ReLU and PyTorch's initialisation is trained from scratch at each size by SGD (learning rate 0.05,
momentum 0.9, constant rate, at most 20,000 steps; an epoch is a fresh shuffle cut into balanced batches of at most 128), on
pixels standardised with the whole training split's mean and deviation. A probe fits when, in a full pass with the parameters as
they stand, every sample's own logit is strictly the largest; the pass is made after every epoch whose running accuracy is at
least 95 %, and at the end. Sizes double until one fails; then the midpoint is taken until the bracket is within the tolerance.
Of the replicates of a size a strict majority decides, and only as many are trained as can.
"""

import argparse
import gzip
import pathlib
import struct
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional


def read_idx(path):
    """The array of a gzip-compressed IDX file of unsigned bytes."""
    with gzip.open(path, "rb") as file:
        zero, kind, rank = struct.unpack(">HBB", file.read(4))
        if zero != 0 or kind != 8:
            sys.exit(f"{path}: not an IDX file of unsigned bytes")
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return numpy.frombuffer(file.read(), dtype=numpy.uint8).reshape(shape)


def fits(network, inputs, labels):
    """Whether every sample's own logit is strictly larger than all others."""
    with torch.no_grad():
        logits = network(inputs)
        own = logits.gather(1, labels[:, None])
        others = logits.scatter(1, labels[:, None], float("-inf")).max(1, keepdim=True).values
        return bool((own > others).all())


def cut(order, size, last):
    """The batches of an epoch, as `training.last_batch` has them."""
    if last == "balanced":
        return torch.tensor_split(order, -(-len(order) // size))
    batches = torch.split(order, size)
    return batches[:-1] if last == "drop" and len(batches) > 1 and len(batches[-1]) < size else batches


def probe(pixels, digits, samples, replicate, arguments):
    """Trains one network on `samples` freshly drawn samples; (fit, steps, running accuracy of the last epoch)."""
    seed = (arguments.seed * 1_000 + replicate) * 1_000_003 + samples
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed + 1)
    chosen = torch.randperm(len(pixels), generator=generator)[:samples]
    inputs = pixels[chosen]
    labels = digits[chosen] if arguments.labels == "original" else torch.randint(
        0, 10, (samples,), generator=generator)
    hidden = arguments.hidden
    network = nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=arguments.learning_rate, momentum=0.9, fused=True)
    steps, accuracy = 0, 0.0
    while True:
        order = torch.randperm(samples, generator=generator)
        correct = 0
        for batch in cut(order, 128, arguments.last_batch):
            if steps == arguments.max_steps:
                return fits(network, inputs, labels), steps, accuracy
            y = labels[batch]
            logits = network(inputs[batch])
            loss = functional.cross_entropy(logits, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            steps += 1
            correct += int((logits.detach().argmax(1) == y).sum())
        accuracy = correct / samples
        if accuracy >= 0.95 and fits(network, inputs, labels):
            return True, steps, accuracy


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mirror", type=pathlib.Path, help="folder with mnist/train-images-idx3-ubyte.gz and its labels")
    parser.add_argument("--labels", choices=["random", "original"], default="random")
    parser.add_argument("--initial-samples", type=int, default=64)
    parser.add_argument("--relative-tolerance", type=float, default=0.05)
    parser.add_argument("--last-batch", choices=["balanced", "keep", "drop"], default="balanced")
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--replicates", type=int, default=1)
    parser.add_argument("--max-steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    folder = arguments.mirror / "mnist"
    images = read_idx(folder / "train-images-idx3-ubyte.gz").reshape(-1, 784).astype(numpy.float32) / 255
    pixels = torch.from_numpy((images - images.mean(dtype=numpy.float64)) / images.std(dtype=numpy.float64)).float()
    digits = torch.from_numpy(read_idx(folder / "train-labels-idx1-ubyte.gz").astype(numpy.int64))

    began = time.perf_counter()

    trained = 0

    def fit(samples):
        nonlocal trained
        fits = failures = 0
        while 2 * fits <= arguments.replicates and 2 * failures < arguments.replicates:
            start = time.perf_counter()
            fitted, steps, accuracy = probe(pixels, digits, samples, fits + failures, arguments)
            trained += steps
            fits, failures = fits + fitted, failures + (not fitted)
            print(f"{samples:6} samples  {'fit' if fitted else 'budget':6}  {steps:6} steps  "
                  f"running accuracy {accuracy:.4f}  {time.perf_counter() - start:8.2f} s", flush=True)
        return 2 * fits > arguments.replicates

    low, high, size = 0, None, min(arguments.initial_samples, len(pixels))
    while high is None:
        if fit(size):
            low = size
            if size == len(pixels):
                break
            size = min(2 * size, len(pixels))
        else:
            high = size
    while high is not None and high - low > max(1, arguments.relative_tolerance * low):
        middle = (low + high) // 2
        if fit(middle):
            low = middle
        else:
            high = middle
    print(f"{arguments.labels} labels, seed {arguments.seed}: largest fit {low}, smallest unfit {high}, "
          f"{trained} steps, {time.perf_counter() - began:.1f} s with {arguments.threads} thread(s), PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
