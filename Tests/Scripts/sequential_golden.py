#!/usr/bin/env python3
"""Writes Tests/CapacityTests/Fixtures/sequential: networks as lists of layers, with what PyTorch computes for them in
double precision. Needs PyTorch and NumPy; run from anywhere.

Parameters, inputs and directions aren't kept: both sides make them from a counter (`uniform`). Of gradients and Hessian
products each tensor's values at some places are kept, its norm, and its product with a fixed vector.
"""
import json
import math
import pathlib

import numpy
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

INPUTS, DIRECTION = 1 << 20, 1 << 19
SAMPLES = 16


def uniform(stream, count):
    """Numbers in [-1, 1) by SplitMix64's finaliser of (stream, place)."""
    with numpy.errstate(over="ignore"):
        z = (numpy.arange(count, dtype=numpy.uint64) + (numpy.uint64(stream) << numpy.uint64(32))) * numpy.uint64(
            0x9E3779B97F4A7C15
        )
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    return torch.from_numpy((z >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-52 - 1.0)


class Network:
    """A list of layers as a function of its parameters."""

    def __init__(self, layers, input_shape, classes):
        self.parameters = {}
        shape = tuple(input_shape) if len(input_shape) == 3 else (math.prod(input_shape),)
        self.function, shape = self.chain(layers, shape, "layers.")
        assert not (len(shape) == 2), "a sequence at the end"
        output, _ = self.linear("output", shape, classes, True)
        self.output = output

    def forward(self, x):
        return self.output(self.function(x))

    # Parameters, from a stream for each.
    def parameter(self, name, shape, role, fan_in=1):
        u = uniform(len(self.parameters), math.prod(shape)).reshape(shape)
        value = {
            "weight": lambda: u * math.sqrt(3 / fan_in),
            "bias": lambda: 0.1 * u,
            "scale": lambda: 1 + 0.2 * u,
            "shift": lambda: 0.2 * u,
            "embedding": lambda: 0.5 * u,
        }[role]()
        self.parameters[name] = value.requires_grad_()
        return name

    def chain(self, layers, shape, prefix):
        functions = []
        for number, layer in enumerate(layers):
            function, shape = getattr(self, layer["kind"], self.activation)(layer, shape, f"{prefix}{number}")
            functions.append(function)

        def run(x):
            for function in functions:
                x = function(x)
            return x

        return run, shape

    def activation(self, layer, shape, name):
        function = {
            "relu": F.relu,
            "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
            "elu": F.elu,
            "silu": F.silu,
            "gelu": F.gelu,
            "tanh": torch.tanh,
            "sigmoid": torch.sigmoid,
            "identity": lambda x: x,
        }[layer["kind"]]
        return function, shape

    def convolution(self, layer, shape, name):
        kernel, stride = layer["kernel"], layer.get("stride", 1)
        padding, groups = layer.get("padding", "same"), layer.get("groups", 1)
        padding = {"same": kernel // 2, "valid": 0}.get(padding, padding)
        fan_in = shape[0] // groups * kernel * kernel
        p = self.parameters
        w = self.parameter(f"{name}.weight", (layer["channels"], shape[0] // groups, kernel, kernel), "weight", fan_in)
        b = self.parameter(f"{name}.bias", (layer["channels"],), "bias") if layer.get("bias", True) else None
        side = [(s + 2 * padding - kernel) // stride + 1 for s in shape[1:]]
        run = lambda x: F.conv2d(x, p[w], None if b is None else p[b], stride, padding, 1, groups)
        return run, (layer["channels"], *side)

    def linear(self, layer, shape, *rest):
        if isinstance(layer, dict):
            name, features, bias = rest[0], layer["features"], layer.get("bias", True)
        else:
            name, (features, bias) = layer, rest
        p, is_sequence = self.parameters, len(shape) == 2
        inputs = shape[1] if is_sequence else math.prod(shape)
        w = self.parameter(f"{name}.weight", (features, inputs), "weight", inputs)
        b = self.parameter(f"{name}.bias", (features,), "bias") if bias else None
        flat = (lambda x: x) if is_sequence else (lambda x: x.flatten(1))
        run = lambda x: F.linear(flat(x), p[w], None if b is None else p[b])
        return run, (shape[0], features) if is_sequence else (features,)

    def windows(self, layer, shape, function):
        size = layer["size"]
        stride, padding = layer.get("stride", size), layer.get("padding", 0)
        side = [(s + 2 * padding - size) // stride + 1 for s in shape[1:]]
        return lambda x: function(x, size, stride, padding), (shape[0], *side)

    def max_pool(self, layer, shape, name):
        return self.windows(layer, shape, F.max_pool2d)

    def average_pool(self, layer, shape, name):
        return self.windows(layer, shape, F.avg_pool2d)

    def global_average_pool(self, layer, shape, name):
        return lambda x: x.mean((2, 3)), (shape[0],)

    def mean_over_tokens(self, layer, shape, name):
        return lambda x: x.mean(1), (shape[1],)

    def first_token(self, layer, shape, name):
        return lambda x: x[:, 0], (shape[1],)

    def channels(self, shape):
        return shape[1] if len(shape) == 2 else shape[0]

    def batch_normalization(self, layer, shape, name):
        p, count = self.parameters, self.channels(shape)
        g = self.parameter(f"{name}.weight", (count,), "scale")
        b = self.parameter(f"{name}.bias", (count,), "shift")
        swap = (lambda x: x.transpose(1, 2)) if len(shape) == 2 else (lambda x: x)
        return lambda x: swap(F.batch_norm(swap(x), None, None, p[g], p[b], True)), shape

    def layer_normalization(self, layer, shape, name):
        p, count = self.parameters, self.channels(shape)
        g = self.parameter(f"{name}.weight", (count,), "scale")
        b = self.parameter(f"{name}.bias", (count,), "shift")
        last = (lambda x: x.movedim(1, -1), lambda x: x.movedim(-1, 1)) if len(shape) == 3 else (lambda x: x,) * 2
        return lambda x: last[1](F.layer_norm(last[0](x), (count,), p[g], p[b])), shape

    def dropout(self, layer, shape, name):
        return lambda x: x, shape

    def residual(self, layer, shape, name):
        run, after = self.chain(layer["layers"], shape, f"{name}.")
        shortcut = lambda x: x
        if layer.get("shortcut") == "projection" or after != shape:
            has_norm = any(l["kind"] == "batch_normalization" for l in layer["layers"])
            if len(shape) == 3:
                stride = math.prod(l.get("stride", l.get("size", 1)) for l in layer["layers"])
                options = {"channels": after[0], "kernel": 1, "stride": stride, "padding": 0, "bias": not has_norm}
                shortcut, projected = self.convolution(options, shape, f"{name}.short.0")
            else:
                options = {"features": self.channels(after), "bias": not has_norm}
                shortcut, projected = self.linear(options, shape, f"{name}.short.0")
            if has_norm:
                product = shortcut
                norm, _ = self.batch_normalization({}, projected, f"{name}.short.1")
                shortcut = lambda x: norm(product(x))
            assert projected == after
        return lambda x: run(x) + shortcut(x), after

    def patch_embedding(self, layer, shape, name):
        p, patch, width = self.parameters, layer["patch"], layer["width"]
        has_class = layer.get("class_token", False)
        tokens = (shape[1] // patch) * (shape[2] // patch) + has_class
        cls = self.parameter(f"{name}.cls", (width,), "embedding") if has_class else None
        pos = self.parameter(f"{name}.pos", (tokens, width), "embedding") if layer.get("positions", True) else None
        fan_in = shape[0] * patch * patch
        w = self.parameter(f"{name}.patch.weight", (width, shape[0], patch, patch), "weight", fan_in)
        b = self.parameter(f"{name}.patch.bias", (width,), "bias")

        def run(x):
            y = F.conv2d(x, p[w], p[b], patch).flatten(2).transpose(1, 2)
            if cls is not None:
                y = torch.cat([p[cls].expand(len(x), 1, width), y], 1)
            return y if pos is None else y + p[pos]

        return run, (tokens, width)

    def attention(self, layer, shape, name):
        p, (tokens, width), heads = self.parameters, shape, layer["heads"]
        w = self.parameter(f"{name}.qkv.weight", (3 * width, width), "weight", width)
        b = self.parameter(f"{name}.qkv.bias", (3 * width,), "bias")
        pw = self.parameter(f"{name}.proj.weight", (width, width), "weight", width)
        pb = self.parameter(f"{name}.proj.bias", (width,), "bias")

        def run(x):
            q, k, v = F.linear(x, p[w], p[b]).reshape(len(x), tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            s = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(width // heads), -1)
            return F.linear((s @ v).transpose(1, 2).reshape(len(x), tokens, width), p[pw], p[pb])

        return run, shape

    def squeeze_excitation(self, layer, shape, name):
        p, count = self.parameters, shape[0]
        inside = max(1, count // layer["ratio"])
        w1 = self.parameter(f"{name}.fc1.weight", (inside, count, 1, 1), "weight", count)
        b1 = self.parameter(f"{name}.fc1.bias", (inside,), "bias")
        w2 = self.parameter(f"{name}.fc2.weight", (count, inside, 1, 1), "weight", inside)
        b2 = self.parameter(f"{name}.fc2.bias", (count,), "bias")
        function, _ = self.activation({"kind": layer.get("activation", "relu")}, shape, name)

        def run(x):
            s = function(F.conv2d(x.mean((2, 3), keepdim=True), p[w1], p[b1]))
            return x * torch.sigmoid(F.conv2d(s, p[w2], p[b2]))

        return run, shape


def summary(tensor):
    """A tensor as it is kept."""
    flat = tensor.detach().flatten()
    places = [k * 7919 % len(flat) for k in range(min(len(flat), SAMPLES))]
    weights = uniform(1 << 18, len(flat))
    return {"norm": flat.norm().item(), "dot": (flat @ weights).item(), "values": flat[places].tolist()}


def batch(count, input_shape, classes):
    inputs = uniform(INPUTS, count * math.prod(input_shape)).reshape(count, *input_shape) * math.sqrt(3)
    return inputs, torch.tensor([7 * i * i % classes for i in range(count)])


def golden(layers, input_shape, classes, count):
    network = Network(layers, input_shape, classes)
    inputs, labels = batch(count, input_shape, classes)
    parameters = list(network.parameters.values())
    logits = network.forward(inputs)
    loss = F.cross_entropy(logits, labels)
    gradient = torch.autograd.grad(loss, parameters, create_graph=True)
    vector = [uniform(DIRECTION + i, p.numel()).reshape(p.shape) for i, p in enumerate(parameters)]
    along = sum((g * v).sum() for g, v in zip(gradient, vector))
    product = torch.autograd.grad(along, parameters)
    return {
        "layers": layers,
        "input_shape": input_shape,
        "classes": classes,
        "labels": labels.tolist(),
        "parameter_count": sum(p.numel() for p in parameters),
        "logits": logits.flatten().tolist(),
        "loss": loss.item(),
        "tensors": [
            {"name": name, "shape": list(p.shape), "gradient": summary(g), "hessian_vector_product": summary(h)}
            for (name, p), g, h in zip(network.parameters.items(), gradient, product)
        ],
    }


def trajectory(layers, input_shape, classes, count, rate, momentum, steps):
    """The loss before each step of full-batch gradient descent with momentum, and what comes out."""
    network = Network(layers, input_shape, classes)
    inputs, labels = batch(count, input_shape, classes)
    parameters = list(network.parameters.values())
    optimizer = torch.optim.SGD(parameters, lr=rate, momentum=momentum)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(network.forward(inputs), labels)
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return {
        "layers": layers,
        "input_shape": input_shape,
        "classes": classes,
        "labels": labels.tolist(),
        "rate": rate,
        "momentum": momentum,
        "losses": losses,
        "tensors": [{"name": name, "parameters": summary(p)} for name, p in network.parameters.items()],
    }


# Networks.

def convolution(channels, kernel=3, **options):
    return {"kind": "convolution", "channels": channels, "kernel": kernel, **options}


def kind(name, **options):
    return {"kind": name, **options}


def normed(*convolution_arguments, **options):
    return [convolution(*convolution_arguments, **options, bias=False), kind("batch_normalization")]


def lenet5():
    return [
        convolution(6, 5), kind("tanh"), kind("average_pool", size=2),
        convolution(16, 5, padding="valid"), kind("tanh"), kind("average_pool", size=2),
        kind("linear", features=120), kind("tanh"), kind("linear", features=84), kind("tanh"),
    ]


def vgg11(width):
    layers = []
    for channels, pools in [(1, True), (2, True), (4, False), (4, True), (8, False), (8, True), (8, False), (8, True)]:
        layers += [convolution(channels * width), kind("relu")]
        layers += [kind("max_pool", size=2)] if pools else []
    for _ in range(2):
        layers += [kind("linear", features=16 * width), kind("relu"), kind("dropout", rate=0)]
    return layers


def resnet18(width):
    layers = normed(width, 7, stride=2, padding=3) + [kind("relu"), kind("max_pool", size=3, stride=2, padding=1)]
    for stage in range(4):
        for block in range(2):
            channels, stride = width << stage, 2 if stage > 0 and block == 0 else 1
            inner = normed(channels, 3, stride=stride) + [kind("relu")] + normed(channels, 3)
            layers += [kind("residual", layers=inner), kind("relu")]
    return layers + [kind("global_average_pool")]


def convmixer(width, depth):
    layers = [convolution(width, 2, stride=2, padding="valid"), kind("gelu"), kind("batch_normalization")]
    for _ in range(depth):
        mixing = [convolution(width, 5, groups=width), kind("gelu"), kind("batch_normalization")]
        layers += [kind("residual", layers=mixing), convolution(width, 1), kind("gelu"), kind("batch_normalization")]
    return layers + [kind("global_average_pool")]


def vit(patch, width, heads, depth):
    layers = [kind("patch_embedding", patch=patch, width=width)]
    for _ in range(depth):
        perceptron = [kind("linear", features=2 * width), kind("gelu"), kind("linear", features=width)]
        layers.append(kind("residual", layers=[kind("layer_normalization"), kind("attention", heads=heads)]))
        layers.append(kind("residual", layers=[kind("layer_normalization"), *perceptron]))
    return layers + [kind("layer_normalization"), kind("mean_over_tokens")]


def mixed():
    """What the five above leave out: groups, even windows, borders wider than the window, norms at the input, a stem before
    patches, a class token, sums of every kind."""
    return [
        kind("batch_normalization"), convolution(6, 4, stride=2, padding=1, groups=3), kind("leaky_relu"),
        kind("average_pool", size=3, stride=1, padding=1), kind("squeeze_excitation", ratio=2),
        convolution(8, 2, padding=2, groups=2, bias=False), kind("layer_normalization"), kind("silu"),
        kind("residual", layers=[convolution(8, 3), kind("elu")]),
        kind("residual", layers=[convolution(10, 3, stride=2), kind("tanh"), convolution(10, 3, groups=10)]),
        kind("residual", layers=[kind("batch_normalization"), convolution(10, 1), kind("sigmoid")]),
        kind("residual", layers=normed(10, 3), shortcut="projection"),
        kind("patch_embedding", patch=2, width=12, class_token=True, positions=False), kind("batch_normalization"),
        kind("residual", layers=[kind("attention", heads=2), kind("layer_normalization")]),
        kind("residual", layers=[kind("linear", features=10), kind("gelu")]),
        kind("residual", layers=[kind("layer_normalization"), kind("attention", heads=5)]),
        kind("residual", layers=[kind("layer_normalization"), kind("linear", features=10, bias=False)]),
        kind("first_token"),
        kind("residual", layers=[kind("linear", features=10), kind("batch_normalization")]), kind("elu"),
        kind("residual", layers=[kind("linear", features=7), kind("batch_normalization"), kind("tanh")]),
    ]


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "CapacityTests" / "Fixtures" / "sequential"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "lenet5": golden(lenet5(), [1, 28, 28], 10, 4),
        "vgg11": golden(vgg11(4), [3, 32, 32], 5, 4),
        "resnet18": golden(resnet18(4), [3, 32, 32], 5, 6),
        "convmixer": golden(convmixer(8, 2), [3, 10, 8], 4, 4),
        "vit": golden(vit(3, 12, 3, 2), [2, 9, 6], 4, 4),
        "mixed": golden(mixed(), [3, 11, 11], 4, 6),
        "lenet5_trajectory": trajectory(lenet5(), [1, 28, 28], 10, 16, 0.05, 0.9, 200),
        "resnet18_trajectory": trajectory(resnet18(2), [3, 32, 32], 4, 8, 0.002, 0.9, 200),
    }
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


main()
