"""Exported pictures as batches: read, fitted to the network's size, kept in memory while they fit, augmented."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional as F

KEPT_BYTES = 2 * 1024**3
MEAN, STD = 127.0, 128.0


class Batch(NamedTuple):
    """`images` as the network takes them; `targets`: class numbers [N,H,W], class [N], classes [N,K] or values [N]."""

    images: Tensor
    targets: Tensor


def read_rows(path: str) -> list[dict]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_picture(path: str, size: int) -> np.ndarray:
    """[size,size,3] bytes, upright, squashed."""
    with Image.open(path) as image:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I;16") or image.mode in ("I", "F"):
            image = Image.fromarray((np.asarray(image, np.float64) / 257).clip(0, 255).astype(np.uint8))
        return np.array(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC))


def read_mask(path: str, size: int) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image.resize((size, size), Image.Resampling.NEAREST), np.uint8)


class Pictures:
    """The pictures of one part of the data, at one size."""

    def __init__(self, rows: list[dict], task: str, classes: list[str], size: int, threads: int, pixels: int) -> None:
        Image.MAX_IMAGE_PIXELS = pixels
        self.rows, self.task, self.size = rows, task, size
        self.numbers = {name: number for number, name in enumerate(classes)}
        self.pool = ThreadPoolExecutor(max(1, threads))
        self.kept: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self.keep = len(rows) * size * size * 4 <= KEPT_BYTES

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if index in self.kept:
            return self.kept[index]
        row = self.rows[index]
        pair = (read_picture(row["file"], self.size), self.target(row))
        if self.keep:
            self.kept[index] = pair
        return pair

    def target(self, row: dict) -> np.ndarray:
        if self.task == "segmentation":
            return read_mask(row["mask"], self.size)
        if self.task == "classification":
            return np.int64(self.numbers[row["class"]])
        if self.task == "multilabel":
            return np.array([name in row["classes"] for name in self.numbers], np.float32)
        return np.float32(row["value"])

    def batches(self, size: int, order: np.ndarray) -> Iterator[Batch]:
        """Batches in the order given; the next one is read while one is used."""
        chunks = [order[start : start + size] for start in range(0, len(order), size)]
        ahead = [self.pool.submit(self.read, index) for index in chunks[0]] if chunks else []
        for number in range(len(chunks)):
            pairs = [future.result() for future in ahead]
            ahead = [self.pool.submit(self.read, i) for i in chunks[number + 1]] if number + 1 < len(chunks) else []
            images = torch.from_numpy(np.stack([pair[0] for pair in pairs]))
            targets = torch.from_numpy(np.stack([pair[1] for pair in pairs]))
            if self.task == "segmentation":
                targets = targets.long()
            images = (images.permute(0, 3, 1, 2).float() - MEAN) / STD
            yield Batch(images.contiguous(memory_format=torch.channels_last), targets)

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


def augment(batch: Batch, dense: bool, random: torch.Generator) -> Batch:
    """Flips, quarter turns, small turns, zooms and shifts, and brightness and contrast; masks go with their pictures."""
    images, targets = batch
    count, device = len(images), images.device

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=random) * (high - low) + low

    def coin() -> Tensor:
        return torch.randint(0, 2, (count,), generator=random) * 2.0 - 1

    quarter = torch.randint(0, 4, (count,), generator=random)
    angle = quarter * (math.pi / 2) + draw(-0.2, 0.2)
    zoom = torch.exp(draw(math.log(0.75), math.log(1.2)))
    flip_x, flip_y = coin(), coin()
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    theta = torch.stack(
        [
            torch.stack([cos * flip_x, -sin * flip_y, draw(-0.08, 0.08)], 1),
            torch.stack([sin * flip_x, cos * flip_y, draw(-0.08, 0.08)], 1),
        ],
        1,
    ).to(device)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    images = F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    if dense:
        moved = F.grid_sample(
            targets[:, None].float(), grid, mode="nearest", padding_mode="reflection", align_corners=False
        )
        targets = moved[:, 0].round().long()
    contrast = torch.exp(draw(-0.35, 0.35)).to(device)[:, None, None, None]
    brightness = draw(-0.3, 0.3).to(device)[:, None, None, None]
    mean = images.mean((1, 2, 3), keepdim=True)
    images = ((images - mean) * contrast + mean + brightness).clamp(-1, 1.02)
    return Batch(images.contiguous(memory_format=torch.channels_last), targets)
