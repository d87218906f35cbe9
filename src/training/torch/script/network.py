"""EfficientNet-Lite0 read from fovea's ONNX backbone, with a U-Net decoder or a pooled head on it.

The backbone's batch normalisations are folded into its convolutions (scripts/backbone/make.py), so the encoder has
none: it is fine-tuned as it is. Blocks and strides: Tan & Le, EfficientNet, 2019, table 1 (Lite: no squeeze and
excitation, ReLU6). Decoder: Ronneberger et al., U-Net, 2015.
"""

from __future__ import annotations

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F

# (kernel, stride, expanded?, name of the projection) of the sixteen blocks; a named stride ends a level.
KERNELS = [3, 3, 3, 5, 5, 3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 3]
STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1]
RESIDUAL = {2, 4, 6, 7, 9, 10, 12, 13, 14}
# Output of a block -> level. Their channels: 16, 24, 40, 112, 320.
LEVELS = {0: 2, 2: 4, 4: 8, 10: 16, 15: 32}


def read_weights(path: str) -> dict[str, np.ndarray]:
    """Initialisers of the ONNX file as float32, under the names that the graph's nodes use."""
    graph = onnx.load(path).graph
    return {
        tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor).astype(np.float32)
        for tensor in graph.initializer
    }


class FoldedConv(nn.Module):
    """A convolution with TensorFlow's SAME padding (the odd pixel at the bottom and the right) and maybe ReLU6."""

    def __init__(self, weights: dict[str, np.ndarray], name: str, stride: int = 1, relu6: bool = True) -> None:
        super().__init__()
        weight = weights[f"{name}.weight"]
        out, inner, kernel, _ = weight.shape
        groups = out if inner == 1 and kernel > 1 and out > 3 else 1
        total = kernel - stride
        self.pad = (total // 2, total - total // 2)
        self.relu6 = relu6
        even = self.pad[0] == self.pad[1]
        self.conv = nn.Conv2d(inner * groups, out, kernel, stride, self.pad[0] if even else 0, groups=groups)
        if even:
            self.pad = (0, 0)
        with torch.no_grad():
            self.conv.weight.copy_(torch.from_numpy(weight.copy()))
            self.conv.bias.copy_(torch.from_numpy(weights[f"{name}.bias"].copy()))

    def forward(self, x: Tensor) -> Tensor:
        before, after = self.pad
        if after:
            x = F.pad(x, (before, after, before, after))
        x = self.conv(x)
        return x.clamp(0, 6) if self.relu6 else x


class Block(nn.Module):
    """Inverted residual: expand, depthwise, project."""

    def __init__(self, weights: dict[str, np.ndarray], index: int) -> None:
        super().__init__()
        layers = []
        if f"block{index}.expand.weight" in weights:
            layers.append(FoldedConv(weights, f"block{index}.expand"))
        layers.append(FoldedConv(weights, f"block{index}.depthwise", STRIDES[index]))
        names = [f"block{index}.project", f"block{index}", f"stride{LEVELS.get(index)}"]
        project = next(name for name in names if f"{name}.weight" in weights)
        layers.append(FoldedConv(weights, project, relu6=False))
        self.layers = nn.Sequential(*layers)
        self.residual = index in RESIDUAL

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(x)
        return x + y if self.residual else y


class Encoder(nn.Module):
    """Pictures [N,3,H,W], H and W multiples of 32 -> five maps at strides 2 to 32."""

    channels = [16, 24, 40, 112, 320]

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.stem = FoldedConv(weights, "stem", 2)
        self.blocks = nn.ModuleList(Block(weights, index) for index in range(16))

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        x = self.stem(x)
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in LEVELS:
                maps.append(x)
        return maps


def conv_norm(inner: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inner, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True))


class Segmenter(nn.Module):
    """Logits [N,channels,H,W]: each step up doubles the map, joins the encoder's of that size and convolves twice."""

    def __init__(self, weights: dict[str, np.ndarray], channels: int, dropout: float) -> None:
        super().__init__()
        self.encoder = Encoder(weights)
        skips = [3, *Encoder.channels[:-1]][::-1]
        widths = [128, 96, 64, 32, 16]
        ups, inner = [], Encoder.channels[-1]
        for skip, width in zip(skips, widths):
            ups.append(nn.Sequential(conv_norm(inner + skip, width), conv_norm(width, width)))
            inner = width
        self.ups = nn.ModuleList(ups)
        self.dropout = nn.Dropout2d(dropout)
        self.head = nn.Conv2d(inner, channels, 1)
        with torch.no_grad():  # few pixels are of a class: start from there
            self.head.bias.fill_(-3.0 if channels == 1 else 0.0)
            if channels > 1:
                self.head.bias[0] = 3.0

    def forward(self, image: Tensor) -> Tensor:
        maps = [image, *self.encoder(image)]
        x = self.dropout(maps.pop())
        for up in self.ups:
            x = up(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), maps.pop()], 1))
        return self.head(x)


class Classifier(nn.Module):
    """Logits or values [N,outputs] of the backbone's 1280 pooled features."""

    def __init__(self, weights: dict[str, np.ndarray], outputs: int, dropout: float) -> None:
        super().__init__()
        self.encoder = Encoder(weights)
        self.last = FoldedConv(weights, "head")
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(1280, outputs)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.dropout(self.last(self.encoder(image)[-1]).mean((2, 3))))
