"""The trained network as a model folder: one ONNX file that answers with probabilities, its card and its classes."""

from __future__ import annotations

import inspect
import json
import shutil
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from pictures import MEAN, STD


class Answering(nn.Module):
    """The network with what makes probabilities, or values in their own unit, of its logits."""

    def __init__(self, net: nn.Module, task: str, independent: bool, spread: tuple[float, float]) -> None:
        super().__init__()
        self.net, self.spread = net, spread
        self.activation = "none" if task == "regression" else "sigmoid" if independent else "softmax"

    def forward(self, image: Tensor) -> Tensor:
        logits = self.net(image)
        if self.activation == "none":
            return logits * self.spread[1] + self.spread[0]
        return logits.sigmoid() if self.activation == "sigmoid" else logits.softmax(1)


def write_model(net: nn.Module, job: dict, spread: tuple[float, float]) -> None:
    """Writes the folder aside and moves it into place when it is whole."""
    folder = Path(job["model"])
    aside = folder.with_name(folder.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    task, size = job["task"], job["params"]["size"]
    output = "values" if task == "regression" else "scores"
    independent = task == "multilabel" or (task == "segmentation" and len(job["classes"]) == 1)
    answering = Answering(net, task, independent, spread).cpu().float().eval().to(memory_format=torch.contiguous_format)
    # The exporter that needs no further package; torch is to make its newer one the only one some day.
    older = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    axes = {"image": {0: "batch"}, output: {0: "batch"}}
    with torch.no_grad():
        torch.onnx.export(
            answering,
            (torch.zeros(1, 3, size, size),),
            str(aside / "model.onnx"),
            input_names=["image"],
            output_names=[output],
            dynamic_axes=axes,
            opset_version=17,
            **older,
        )
    onnx.checker.check_model(onnx.load(str(aside / "model.onnx")), full_check=True)
    if task != "regression":
        names = json.dumps(job["classes"], indent=2, ensure_ascii=False)
        (aside / "classes.json").write_text(names + "\n", encoding="utf-8")
    (aside / "card.toml").write_text(card_of(job, output), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def card_of(job: dict, output: str) -> str:
    task, size = job["task"], job["params"]["size"]
    tail = {
        "classification": ['activation = "none"', 'classes = "classes.json"'],
        "multilabel": ['activation = "none"', 'classes = "classes.json"', "threshold = 0.5"],
        "regression": [f"names = [{json.dumps(job['target'], ensure_ascii=False)}]"],
        "segmentation": [
            'activation = "none"',
            'classes = "classes.json"',
            f"background = {'false' if len(job['classes']) == 1 else 'true'}",
            "threshold = 0.5",
        ],
    }[task]
    mean, std = MEAN / 255, STD / 255
    lines = [
        f'name = "torch-{task}"',
        f'title = "EfficientNet-Lite0, fine-tuned: {task}"',
        f'task = "{task}"',
        'weights = "model.onnx"',
        "",
        "[input]",
        'name = "image"',
        'layout = "nchw"',
        f"size = [{size}, {size}]",
        'resize = "exact"',
        'interpolation = "cubic"',
        f"scale = {1 / 255}",
        f"mean = [{mean}, {mean}, {mean}]",
        f"std = [{std}, {std}, {std}]",
        'channels = "rgb"',
        "",
        "[output]",
        f'{output} = "{output}"',
        *tail,
    ]
    return "\n".join(lines) + "\n"
