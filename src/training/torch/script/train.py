"""Fine-tunes fovea's backbone for one job: `python train.py JOB.json --backbone FILE.onnx`.

Speaks the contract of foreign trainers (docs/trainers.md): JSON lines on standard output, `checkpoint/`, `model/` and
`metrics.json` beside the job file. Needs torch, numpy, pillow and onnx.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import time

import numpy as np
import torch
from torch import nn

from export import write_model
from network import Classifier, Segmenter, read_weights
from pictures import Pictures, augment, read_rows
from scores import LEADING, Tally, loss_of


def say(**message: object) -> None:
    print(json.dumps(message), flush=True)


class Training:
    """One run over the epochs, taken up where a checkpoint left it."""

    def __init__(self, job: dict, weights: dict[str, np.ndarray]) -> None:
        self.job, self.params, self.task = job, job["params"], job["task"]
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(job["seed"])
        torch.set_num_threads(job["threads"])
        self.rows = {part: read_rows(job["data"][part]) for part in ("train", "validation")}
        self.classes = job["classes"]
        values = [row["value"] for row in self.rows["train"]] if self.task == "regression" else [0.0, 1.0]
        self.spread = (float(np.mean(values)), float(np.std(values)) or 1.0)
        self.net = self.build(weights).to(self.device, memory_format=torch.channels_last)
        self.optimizer = self.make_optimizer()
        self.averaged = copy.deepcopy(self.net).eval()
        self.epoch, self.best, self.best_epoch, self.seconds = 0, None, 0, 0.0
        self.kept: dict | None = None

    def build(self, weights: dict[str, np.ndarray]) -> nn.Module:
        dropout = self.params["dropout"]
        if self.task == "segmentation":
            return Segmenter(weights, 1 if len(self.classes) == 1 else len(self.classes) + 1, dropout)
        return Classifier(weights, 1 if self.task == "regression" else len(self.classes), dropout)

    def make_optimizer(self) -> torch.optim.Optimizer:
        frozen = [self.net.encoder.stem, *self.net.encoder.blocks][: self.params["frozen"]]
        for layer in frozen:
            layer.requires_grad_(False)
        encoder = [p for p in self.net.encoder.parameters() if p.requires_grad]
        inside = {id(p) for p in self.net.encoder.parameters()}
        rest = [p for p in self.net.parameters() if id(p) not in inside]
        highest = self.params["learningRate"]
        rates = [highest * self.params["encoderRate"], highest]
        groups = [{"params": ps, "lr": rate, "top": rate} for ps, rate in zip([encoder, rest], rates)]
        return torch.optim.AdamW(groups, weight_decay=self.params["weightDecay"])

    def set_rate(self, done: float) -> None:
        """One cycle: up over the first tenth, then down along a cosine. `done`: share of all steps, 0 to 1."""
        share = done / 0.1 if done < 0.1 else 0.5 * (1 + math.cos(math.pi * (done - 0.1) / 0.9))
        for group in self.optimizer.param_groups:
            group["lr"] = group["top"] * max(share, 0.01)

    def autocast(self) -> torch.autocast:
        precision = self.params["precision"]
        fast = self.device.type == "cuda" or bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)())
        half = precision == "bfloat16" or (precision == "auto" and fast)
        return torch.autocast(self.device.type, torch.bfloat16, enabled=half)

    def pictures(self, part: str, size: int) -> Pictures:
        return Pictures(self.rows[part], self.task, self.classes, size, self.job["threads"], self.job["maxPixels"])

    def size_at(self, epoch: int) -> int:
        """Two thirds of the size for the first part of the epochs: cheaper, and another kind of augmentation."""
        full = self.params["size"]
        if epoch > self.params["small"] * self.params["epochs"]:
            return full
        return max(32, round(full * 2 / 3 / 32) * 32)

    def train_epoch(self, pictures: Pictures) -> float:
        random = torch.Generator().manual_seed(self.job["seed"] * 100_003 + self.epoch)
        order = torch.randperm(len(pictures), generator=random).numpy()
        size = self.params["batch"]
        if len(order) % size == 1 and len(order) > 1:
            order = order[:-1]  # batch normalisation needs two
        steps, total, epochs = math.ceil(len(order) / size), 0.0, self.params["epochs"]
        self.net.train()
        for step, batch in enumerate(pictures.batches(size, order)):
            self.set_rate((self.epoch - 1 + step / steps) / epochs)
            images, targets = batch.images.to(self.device), batch.targets.to(self.device)
            if self.params["augment"] != "none":
                images, targets = augment(batch._replace(images=images, targets=targets), self.task == "segmentation", random)
            with self.autocast():
                logits = self.net(images)
            loss = loss_of(self.task, logits.float(), targets, self.spread)
            if not torch.isfinite(loss):
                raise SystemExit("The loss is no number any more; try a lower learningRate.")
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimizer.step()
            self.average(steps)
            total += loss.item() * len(images)
            say(progress={"done": (self.epoch - 1) * steps + step + 1, "total": epochs * steps, "stage": "train"})
        return total / len(order)

    @torch.no_grad()
    def average(self, steps: int) -> None:
        """Weights averaged over about the last epoch are what is judged and exported."""
        keep = min(1 - 1 / (1 + self.params["average"] * steps), (self.epoch - 1) / self.epoch)
        for mine, theirs in zip(self.averaged.state_dict().values(), self.net.state_dict().values()):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - keep)
            else:
                mine.copy_(theirs)

    @torch.no_grad()
    def judge(self, pictures: Pictures) -> dict[str, float]:
        tally = Tally(self.task, len(self.classes))
        for batch in pictures.batches(self.params["batch"], np.arange(len(pictures))):
            targets = batch.targets.to(self.device)
            with self.autocast():
                logits = self.averaged(batch.images.to(self.device)).float()
            tally.add(logits, targets, float(loss_of(self.task, logits, targets, self.spread)), self.spread)
        return tally.figures()

    def is_better(self, figure: float) -> bool:
        return self.best is None or (figure > self.best if LEADING[self.task][1] else figure < self.best)

    def run(self) -> dict[str, float]:
        """All epochs, or until the validation part says that it is enough. Answers the figures of what is kept."""
        sizes: dict[int, Pictures] = {}
        validation = self.pictures("validation", self.params["size"])
        figures: dict[str, float] = {}
        while self.epoch < self.params["epochs"]:
            if self.params["patience"] and self.best_epoch and self.epoch - self.best_epoch >= self.params["patience"]:
                say(log=f"Stopped early: nothing better for {self.params['patience']} epochs.")
                break
            started = time.monotonic()
            self.epoch += 1
            size = self.size_at(self.epoch)
            if size not in sizes:
                sizes.clear()
                sizes[size] = self.pictures("train", size)
            loss = self.train_epoch(sizes[size])
            figures = self.judge(validation) if len(validation) else {}
            leading = figures.get(LEADING[self.task][0])
            if leading is None or self.is_better(leading):
                self.best, self.best_epoch = leading, self.epoch
                self.kept = {"weights": copy.deepcopy(self.averaged.state_dict()), "figures": figures}
            self.seconds += time.monotonic() - started
            rate = self.optimizer.param_groups[1]["lr"]
            say(step=self.epoch, metrics={"trainLoss": loss, **figures, "learningRate": rate})
            self.save()
        assert self.kept is not None
        self.averaged.load_state_dict(self.kept["weights"])
        return {**self.kept["figures"], "epoch": self.best_epoch, "seconds": round(self.seconds, 1)}

    @property
    def mark(self) -> str:
        """Whatever must be the same for a checkpoint to be of this job."""
        job = self.job
        return json.dumps([job["task"], job["classes"], job["params"], job["seed"], len(self.rows["train"])], sort_keys=True)

    def save(self) -> None:
        file = os.path.join(self.job["checkpoint"], "last.pt")
        state = {
            "mark": self.mark,
            "net": self.net.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "kept": self.kept,
            "epoch": self.epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
        }
        torch.save(state, file + ".part")
        os.replace(file + ".part", file)

    def resume(self) -> None:
        file = os.path.join(self.job["checkpoint"], "last.pt")
        if not self.job["resume"] or not os.path.exists(file):
            return
        try:
            state = torch.load(file, map_location=self.device, weights_only=True)
        except Exception as error:  # a torn file must not stand in the way of a fresh start
            say(log=f"The checkpoint cannot be read ({type(error).__name__}); starting anew.")
            return
        if state["mark"] != self.mark:
            say(log="The checkpoint is of another job; starting anew.")
            return
        self.net.load_state_dict(state["net"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.kept, self.epoch, self.best = state["kept"], state["epoch"], state["best"]
        self.best_epoch, self.seconds = state["best_epoch"], state["seconds"]
        say(log=f"Taken up after epoch {self.epoch}.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Fine-tunes fovea's backbone for one job.")
    parser.add_argument("job", help="job.json")
    parser.add_argument("--backbone", required=True, help="efficientnet-lite0.onnx")
    arguments = parser.parse_args()
    with open(arguments.job, encoding="utf-8") as file:
        job = json.load(file)
    if job["contract"] != 1:
        raise SystemExit(f"Expected contract 1, got {job['contract']}.")
    os.makedirs(job["checkpoint"], exist_ok=True)
    training = Training(job, read_weights(arguments.backbone))
    say(log=f"torch {torch.__version__} on {training.device}, {len(training.rows['train'])} pictures to learn from.")
    training.resume()
    metrics = training.run()
    say(progress={"done": 0, "total": 1, "stage": "export"})
    write_model(training.averaged, job, training.spread)
    with open(job["metrics"] + ".part", "w", encoding="utf-8") as file:
        json.dump(metrics, file)
    os.replace(job["metrics"] + ".part", job["metrics"])
    say(progress={"done": 1, "total": 1, "stage": "export"})


if __name__ == "__main__":
    main()
