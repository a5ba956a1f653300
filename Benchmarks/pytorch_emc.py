#!/usr/bin/env python3
"""The measurement of `emc measure` on MNIST, written in PyTorch: the same procedure, the same search.

An MLP 784-16-10 with ReLU and PyTorch's initialisation is trained from scratch at each size by SGD (learning rate 0.05,
momentum 0.9, constant rate; an epoch is a fresh shuffle cut into balanced batches of at most 128), on pixels standardised with the whole training
split's mean and deviation. A probe fits when, in a full pass with the parameters as they stand, every sample's own logit is
strictly the largest; the pass is made after every epoch whose running accuracy is at least 95 %, and at the end. Sizes
double until one fails; then the midpoint is taken until the bracket is within the tolerance.
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


def probe(pixels, digits, samples, arguments):
    """Trains one network on `samples` freshly drawn samples; (fit, epochs, running accuracy of the last epoch)."""
    generator = torch.Generator().manual_seed(arguments.seed * 1_000_003 + samples)
    torch.manual_seed(arguments.seed * 7_919 + samples)
    chosen = torch.randperm(len(pixels), generator=generator)[:samples]
    inputs = pixels[chosen]
    labels = digits[chosen] if arguments.labels == "original" else torch.randint(
        0, 10, (samples,), generator=generator)
    network = nn.Sequential(nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, fused=True)
    accuracy = 0.0
    for epoch in range(1, arguments.max_epochs + 1):
        order = torch.randperm(samples, generator=generator)
        correct = 0
        for batch in cut(order, 128, arguments.last_batch):
            y = labels[batch]
            logits = network(inputs[batch])
            loss = functional.cross_entropy(logits, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            correct += int((logits.detach().argmax(1) == y).sum())
        accuracy = correct / samples
        if accuracy >= 0.95 and fits(network, inputs, labels):
            return True, epoch, accuracy
    return fits(network, inputs, labels), arguments.max_epochs, accuracy


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mirror", type=pathlib.Path, help="folder with mnist/train-images-idx3-ubyte.gz and its labels")
    parser.add_argument("--labels", choices=["random", "original"], default="random")
    parser.add_argument("--initial-samples", type=int, default=64)
    parser.add_argument("--relative-tolerance", type=float, default=0.05)
    parser.add_argument("--last-batch", choices=["balanced", "keep", "drop"], default="balanced")
    parser.add_argument("--max-epochs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    folder = arguments.mirror / "mnist"
    images = read_idx(folder / "train-images-idx3-ubyte.gz").reshape(-1, 784).astype(numpy.float32) / 255
    pixels = torch.from_numpy((images - images.mean(dtype=numpy.float64)) / images.std(dtype=numpy.float64)).float()
    digits = torch.from_numpy(read_idx(folder / "train-labels-idx1-ubyte.gz").astype(numpy.int64))

    began = time.perf_counter()

    def fit(samples):
        start = time.perf_counter()
        fitted, epochs, accuracy = probe(pixels, digits, samples, arguments)
        print(f"{samples:6} samples  {'fit' if fitted else 'budget':6}  {epochs:5} epochs  "
              f"running accuracy {accuracy:.4f}  {time.perf_counter() - start:8.2f} s", flush=True)
        return fitted

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
          f"{time.perf_counter() - began:.1f} s with {arguments.threads} thread(s), PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
