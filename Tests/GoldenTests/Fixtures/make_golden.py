#!/usr/bin/env python3
"""Golden files of networks that the others leave out, in the same form: squeeze-and-excitation, average pooling, layer norm,
perceptrons with norms, several blocks a stage. Needs torch; writes into golden/ beside this script."""

import json
import pathlib

import torch
from torch import nn
from torch.func import functional_call

ACTIVATIONS = {"gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh}


class ChannelNorm(nn.LayerNorm):
    """Layer norm over each place's channels."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


def norm(kind, width, dimensions=2):
    if kind == "layer":
        return ChannelNorm(width) if dimensions == 2 else nn.LayerNorm(width)
    return nn.BatchNorm2d(width) if dimensions == 2 else nn.BatchNorm1d(width)


class Perceptron(nn.Module):
    def __init__(self, model, inputs, classes):
        super().__init__()
        widths = [inputs, *model["hidden"]]
        kind = model.get("normalization", "none")
        self.activation = ACTIVATIONS[model["activation"]]()
        pairs = list(zip(widths, widths[1:]))
        self.fc = nn.ModuleList([nn.Linear(a, b, bias=kind == "none") for a, b in pairs] + [nn.Linear(widths[-1], classes)])
        self.norm = nn.ModuleList([norm(kind, b, 1) for _, b in pairs] if kind != "none" else [])

    def forward(self, x):
        x = x.flatten(1)
        for number, layer in enumerate(self.fc[:-1]):
            x = layer(x)
            x = self.activation(self.norm[number](x) if self.norm else x)
        return self.fc[-1](x)


class Convolutional(nn.Module):
    def __init__(self, model, shape, classes):
        super().__init__()
        kind = model.get("normalization", "none")
        channels = [shape[0], *model["channels"]]
        pairs = list(zip(channels, channels[1:]))
        self.activation = ACTIVATIONS[model["activation"]]()
        self.pool = (nn.AvgPool2d if model.get("pooling") == "average" else nn.MaxPool2d)(2)
        self.conv = nn.ModuleList([nn.Conv2d(a, b, 3, padding=1, bias=kind == "none") for a, b in pairs])
        self.norm = nn.ModuleList([norm(kind, b) for _, b in pairs] if kind != "none" else [])
        side = 2 ** len(pairs)
        self.fc = nn.ModuleList([nn.Linear(channels[-1] * (shape[1] // side) * (shape[2] // side), classes)])

    def forward(self, x):
        for number, layer in enumerate(self.conv):
            x = layer(x)
            x = self.pool(self.activation(self.norm[number](x) if self.norm else x))
        return self.fc[0](x.flatten(1))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed, activation):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
        self.activation = activation

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(self.activation(self.fc1(x.mean((2, 3), keepdim=True)))))


class Bottleneck(nn.Module):
    def __init__(self, inputs, stage, stride, activation):
        super().__init__()
        inside, taps = inputs * stage["expansion"], stage["kernel"]
        if stage["expansion"] > 1:
            self.expand, self.expand_bn = nn.Conv2d(inputs, inside, 1, bias=False), nn.BatchNorm2d(inside)
        self.depthwise = nn.Conv2d(inside, inside, taps, stride, taps // 2, groups=inside, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(inside)
        self.se = SqueezeExcitation(inside, max(1, inputs // 4), activation)
        self.project, self.project_bn = nn.Conv2d(inside, stage["channels"], 1, bias=False), nn.BatchNorm2d(stage["channels"])
        self.activation = activation

    def forward(self, x):
        y = self.activation(self.expand_bn(self.expand(x))) if hasattr(self, "expand") else x
        y = self.se(self.activation(self.depthwise_bn(self.depthwise(y))))
        y = self.project_bn(self.project(y))
        return x + y if x.shape == y.shape else y


class Efficient(nn.Module):
    def __init__(self, model, shape, classes):
        super().__init__()
        self.activation = ACTIVATIONS[model["activation"]]()
        self.conv = nn.Conv2d(shape[0], model["stem"], 3, model["stem_stride"], 1, bias=False)
        self.bn = nn.BatchNorm2d(model["stem"])
        width, blocks = model["stem"], []
        for stage in model["stages"]:
            for number in range(stage["repeats"]):
                blocks.append(Bottleneck(width, stage, stage["stride"] if number == 0 else 1, self.activation))
                width = stage["channels"]
        self.blocks = nn.ModuleList(blocks)
        self.head, self.head_bn = nn.Conv2d(width, model["head"], 1, bias=False), nn.BatchNorm2d(model["head"])
        self.fc = nn.Linear(model["head"], classes)

    def forward(self, x):
        x = self.activation(self.bn(self.conv(x)))
        for block in self.blocks:
            x = block(x)
        return self.fc(self.activation(self.head_bn(self.head(x))).mean((2, 3)))


CASES = {
    "mlp_gelu_batchnorm": ([6], 0.0, {"kind": "mlp", "hidden": [9, 7], "activation": "gelu", "normalization": "batch"}),
    "mlp_silu_layernorm": ([6], 0.1, {"kind": "mlp", "hidden": [9, 7], "activation": "silu", "normalization": "layer"}),
    "cnn_tanh_average": ([3, 9, 8], 0.1, {"kind": "cnn", "channels": [4, 5], "hidden": [], "activation": "tanh",
                                          "normalization": "none", "pooling": "average"}),
    "cnn_silu_layernorm_average": ([2, 8, 8], 0.0, {"kind": "cnn", "channels": [4, 5], "hidden": [], "activation": "silu",
                                                    "normalization": "layer", "pooling": "average"}),
    "efficientnet_silu": ([2, 7, 6], 0.1, {"kind": "efficientnet", "stem": 4, "stem_stride": 1, "head": 6, "activation": "silu",
                                           "stages": [
                                               {"expansion": 1, "channels": 4, "repeats": 1, "stride": 1, "kernel": 3},
                                               {"expansion": 2, "channels": 5, "repeats": 2, "stride": 2, "kernel": 5}]}),
}


def tensor(values):
    return {"shape": list(values.shape), "values": values.flatten().tolist()}


def write(name, shape, smoothing, model, folder):
    classes, count = 3, 10
    torch.manual_seed(len(name))
    network = {"mlp": lambda: Perceptron(model, shape[0], classes), "cnn": lambda: Convolutional(model, shape, classes),
               "efficientnet": lambda: Efficient(model, shape, classes)}[model["kind"]]().double()
    # Away from the start, where scales are 1 and shifts 0.
    parameters = {key: (value + 0.2 * torch.randn_like(value)).detach() for key, value in network.named_parameters()}
    buffers = {key: value.clone() for key, value in network.named_buffers()}
    inputs, labels = torch.randn(count, *shape, dtype=torch.float64), torch.randint(classes, (count,))
    vector = {key: torch.randn_like(value) for key, value in parameters.items()}

    leaves = [value.requires_grad_() for value in parameters.values()]
    # Batch norm's running averages are its own affair.
    logits = functional_call(network, (parameters, {key: value.clone() for key, value in buffers.items()}), (inputs,))
    loss = nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    gradient = torch.autograd.grad(loss, leaves, create_graph=True)
    flat = torch.cat([part.flatten() for part in gradient])

    def product(direction):
        """H v, by differentiating the gradient's product with v."""
        return torch.cat([part.flatten() for part in torch.autograd.grad(flat @ direction, leaves, retain_graph=True)])

    dense = torch.stack([product(unit) for unit in torch.eye(len(flat), dtype=torch.float64)])
    eigenvalues = torch.linalg.eigvalsh((dense + dense.T) / 2)
    sizes = [leaf.numel() for leaf in leaves]
    parts = product(torch.cat([value.flatten() for value in vector.values()])).split(sizes)

    def named(values):
        return {key: tensor(value.detach().reshape(leaf.shape)) for (key, leaf), value in zip(parameters.items(), values)}

    document = {
        "name": name, "model": model, "input_shape": shape, "classes": classes, "label_smoothing": smoothing,
        "mode": "training (batch statistics where batch norm is used)", "parameter_count": sum(sizes),
        "inputs": tensor(inputs), "labels": labels.tolist(), "parameters": named(leaves),
        "logits": tensor(logits.detach()), "loss": loss.item(), "gradient": named(gradient),
        "vector": named(vector.values()), "hessian_vector_product": named(parts),
        "hessian_eigenvalues": {"smallest": eigenvalues[:3].tolist(), "largest": eigenvalues[-3:].tolist()},
    }
    (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    print(name, sum(sizes), "parameters")


if __name__ == "__main__":
    for name, (shape, smoothing, model) in CASES.items():
        write(name, shape, smoothing, model, pathlib.Path(__file__).resolve().parent / "golden")
