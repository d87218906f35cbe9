"""Losses and the figures of the validation part, by task."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# The figure that says which epoch is the best, and whether more of it is better.
LEADING = {
    "segmentation": ("dice", True),
    "classification": ("accuracy", True),
    "multilabel": ("macroF1", True),
    "regression": ("mae", False),
}


def dice_loss(chances: Tensor, truth: Tensor) -> Tensor:
    """1 - Dice, pooled over the batch, mean of the channels. Milletari et al., V-Net, 2016."""
    shared = (chances * truth).sum((0, 2, 3))
    total = chances.sum((0, 2, 3)) + truth.sum((0, 2, 3))
    return (1 - (2 * shared + 1) / (total + 1)).mean()


def loss_of(task: str, logits: Tensor, targets: Tensor, spread: tuple[float, float]) -> Tensor:
    """`spread`: mean and deviation of the values that are learnt; regression only."""
    if task == "segmentation" and logits.shape[1] == 1:
        truth = (targets > 0).float()[:, None]
        return F.binary_cross_entropy_with_logits(logits, truth) + dice_loss(logits.sigmoid(), truth)
    if task == "segmentation":
        truth = F.one_hot(targets, logits.shape[1]).permute(0, 3, 1, 2).float()
        return F.cross_entropy(logits, targets) + dice_loss(logits.softmax(1)[:, 1:], truth[:, 1:])
    if task == "classification":
        return F.cross_entropy(logits, targets, label_smoothing=0.05)
    if task == "multilabel":
        return F.binary_cross_entropy_with_logits(logits, targets)
    return F.smooth_l1_loss(logits[:, 0], (targets - spread[0]) / spread[1])


class Tally:
    """Adds up what batches of the validation part show."""

    def __init__(self, task: str, classes: int) -> None:
        self.task, self.classes = task, classes
        self.count, self.loss, self.error, self.square = 0, 0.0, 0.0, 0.0
        self.right = 0
        self.shared, self.total = torch.zeros(classes + 1), torch.zeros(classes + 1)

    def add(self, logits: Tensor, targets: Tensor, loss: float, spread: tuple[float, float]) -> None:
        self.count += len(logits)
        self.loss += loss * len(logits)
        if self.task == "segmentation":
            found = (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(1)
            self._add_pair(self.classes, found > 0, targets > 0)
            for number in range(self.classes):
                self._add_pair(number, found == number + 1, targets == number + 1)
        elif self.task == "classification":
            found = logits.argmax(1)
            self.right += int((found == targets).sum())
            for number in range(self.classes):
                self._add_pair(number, found == number, targets == number)
        elif self.task == "multilabel":
            found = logits > 0
            self.right += int((found == (targets > 0.5)).all(1).sum())
            for number in range(self.classes):
                self._add_pair(number, found[:, number], targets[:, number] > 0.5)
        else:
            difference = logits[:, 0] * spread[1] + spread[0] - targets
            self.error += float(difference.abs().sum())
            self.square += float((difference**2).sum())

    def _add_pair(self, number: int, found: Tensor, truth: Tensor) -> None:
        self.shared[number] += float((found & truth).sum())
        self.total[number] += float(found.sum() + truth.sum())

    def figures(self) -> dict[str, float]:
        """By the names of evaluations. Dice and F1 of classes that nobody has or finds are left out of the means."""
        figures = {"loss": self.loss / self.count}
        if self.task == "regression":
            return {**figures, "mae": self.error / self.count, "rmse": (self.square / self.count) ** 0.5}
        seen = [n for n in range(self.classes) if self.total[n] > 0]
        mean = sum(float(2 * self.shared[n] / self.total[n]) for n in seen) / max(1, len(seen))
        if self.task != "segmentation":
            right = "accuracy" if self.task == "classification" else "exact"
            return {**figures, right: self.right / self.count, "macroF1": mean}
        shared, total = float(self.shared[-1]), float(self.total[-1])
        if total == 0:
            return {**figures, "dice": 1.0, "iou": 1.0, "classDice": 1.0}
        return {**figures, "dice": 2 * shared / total, "iou": shared / (total - shared), "classDice": mean}
