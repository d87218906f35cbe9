"""Makes src/models/concepts/concepts.bin: for each of some ten thousand English words, which ImageNet classes it speaks of.

    python make.py --wordnet FOLDER --synsets imagenet_synsets.txt [--out FILE] [--cache FOLDER]

A word that WordNet has above or among the classes gets the classes that are kinds of it. Any other noun, and every
whole word of the encoder's vocabulary, gets the classes nearest in meaning: cosine of sentence vectors of
"words: definition", plus Lin's similarity in WordNet. README.md has the choices and what they were measured against.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
from pathlib import Path

import numpy as np

from encoder import Encoder
from wordnet import Sense, Synset, WordNet

HERE = Path(__file__).parent
CLASS_NAMES = HERE / "../../src/models/builtin/imagenet-classes.json"
OUT = HERE / "../../src/models/concepts/concepts.bin"

# Too wide to look for: nearly every class is a kind of them.
TOO_WIDE = 900
# Lexicographer files (lexnames(5WN)) of which most meanings can be seen; from the others only words the encoder knows whole.
SEEN_FILES = {3, 4, 5, 6, 8, 11, 13, 14, 15, 17, 18, 19, 20, 25, 27, 28}
MOST_WORDS = 3
# Chosen on the classes themselves, see README.md.
LIN_SHARE, LIN_SHARE_ANIMAL = 0.25, 0.75
TEMPERATURE, TEMPERATURE_MIXED = 0.06, 0.1
NEAREST = 12
# Under this cosine a word without a place among the classes speaks of none of them.
LEAST_COSINE = 0.3
# What a first meaning without classes counts beside a later one that has some: "mouse", "seal".
UNPLACED_SHARE = 0.3
# Unless it is that much more common (occurrences in SemCor): "hand", "man".
COMMON = 20
ANIMAL_FILE = 5
# Artifacts, persons, plants, substances, times are like no animal, whatever its name: tree and tree frog.
UNLIKE_ANIMALS = {6, 18, 20, 27, 28}
# WordNet counts these as groups.
ALIASES = {"people": "person", "humans": "person"}
BY_WORDNET, BY_EMBEDDING = 0, 1

Row = tuple[tuple[int, int], ...]


def describe(synset: Synset) -> str:
    """Words and definition, without examples."""
    return ", ".join(synset.words) + ": " + synset.gloss.split('; "')[0]


def is_plain(word: str) -> bool:
    return re.fullmatch(r"[a-z][a-z'. -]*[a-z]", word) is not None and word.count(" ") < MOST_WORDS


class Likeness:
    """How near a meaning is to each class."""

    def __init__(self, wordnet: WordNet, own: list[Synset], names: list[str], encoder: Encoder, cache: Path | None) -> None:
        self.wordnet, self.encoder, self.cache = wordnet, encoder, cache
        self.names = encoder.encode(names, cache=cache)
        self.classes = encoder.encode([describe(synset) for synset in own], cache=cache)
        self.animals = np.array([synset.file == ANIMAL_FILE for synset in own])
        below: dict[str, int] = {}
        for synset in wordnet.synsets.values():
            for offset in wordnet.ancestors(synset):
                below[offset] = below.get(offset, 0) + 1
        total = len(wordnet.synsets)
        # Intrinsic information content: Seco, Veale, Hayes (ECAI 2004), without their normalisation.
        self.content = {offset: -math.log(count / total) for offset, count in below.items()}
        self.own_content = np.array([self.content[synset.offset] for synset in own])

    def lin(self, synset: Synset) -> np.ndarray:
        """2 · IC(lowest common ancestor) / (IC(a) + IC(b)): Lin, ICML 1998."""
        shared = np.zeros(len(self.classes))
        for offset in sorted(self.wordnet.ancestors(synset), key=lambda offset: self.content[offset]):
            below = list(self.wordnet.synsets[offset].classes)
            shared[below] = np.maximum(shared[below], self.content[offset])
        return 2 * shared / (self.own_content + self.content[synset.offset])

    def near(self, synset: Synset, cosine: np.ndarray) -> np.ndarray:
        """Cosine and place together."""
        if synset.file in UNLIKE_ANIMALS:
            cosine = np.where(self.animals, -1, cosine)
        return cosine + (LIN_SHARE_ANIMAL if synset.file == ANIMAL_FILE else LIN_SHARE) * self.lin(synset)

    def cosines(self, synsets: list[Synset]) -> np.ndarray:
        """Definitions with the classes' definitions."""
        return self.encoder.encode([describe(synset) for synset in synsets], cache=self.cache) @ self.classes.T

    def bare_cosines(self, words: list[str]) -> np.ndarray:
        """Words alone with the classes' names."""
        return self.encoder.encode(words, cache=self.cache) @ self.names.T


def weigh_nearest(likeness: np.ndarray, temperature: float = TEMPERATURE) -> dict[int, float]:
    """The nearest classes, the first weighing 1."""
    order = [int(c) for c in np.argsort(-likeness, kind="stable")[:NEAREST]]
    return {c: math.exp((likeness[c] - likeness[order[0]]) / temperature) for c in order}


def add(into: dict[int, float], weights: dict[int, float], factor: float) -> None:
    for c, weight in weights.items():
        into[c] = max(into.get(c, 0), factor * weight)


def make_row(weights: dict[int, float]) -> Row:
    """Weights as 1 to 255, the largest 255; heaviest first."""
    most = max(weights.values())
    steps = {c: round(255 * weight / most) for c, weight in weights.items()}
    return tuple(sorted(((c, s) for c, s in steps.items() if s >= 8), key=lambda pair: (-pair[1], pair[0])))


def sense_shares(senses: list[Sense]) -> list[float]:
    """Share of each meaning: by SemCor counts where there are any, smoothed by rank."""
    raw = [sense.count + 1 / rank for rank, sense in enumerate(senses, 1)]
    return [value / max(raw) for value in raw]


def write(out: Path, words: dict[str, tuple[int, Row]], names: list[str]) -> None:
    """Layout: see README.md. Little-endian throughout."""
    ordered = sorted(words)
    rows = sorted({row for _, row in words.values()})
    number = {row: at for at, row in enumerate(rows)}
    entries = [pair for row in rows for pair in row]
    header = {"format": 1, "words": len(ordered), "rows": len(rows), "entries": len(entries), "classes": names}
    parts = [
        (json.dumps(header, ensure_ascii=True) + "\n").encode(),
        ("\n".join(ordered) + "\n").encode("ascii"),
        np.array([words[word][0] for word in ordered], "<u1").tobytes(),
        np.array([number[words[word][1]] for word in ordered], "<u4").tobytes(),
        np.array([len(row) for row in rows], "<u2").tobytes(),
        np.array([c for c, _ in entries], "<u2").tobytes(),
        np.array([step for _, step in entries], "<u1").tobytes(),
    ]
    out.write_bytes(gzip.compress(b"".join(parts), 9, mtime=0))
    print(f"{len(ordered)} words, {len(rows)} rows, {len(entries)} entries, {out.stat().st_size} bytes")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with data.noun, index.noun, noun.exc, cntlist.rev")
    parser.add_argument("--synsets", type=Path, required=True, help="the 1000 WordNet identifiers in the order of the classes")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cache", type=Path)
    args = parser.parse_args()

    wordnet = WordNet(args.wordnet)
    own = wordnet.place(args.synsets.read_text().split())
    names = json.loads(CLASS_NAMES.read_text())
    encoder = Encoder()
    like = Likeness(wordnet, own, names, encoder, args.cache)
    whole = {word for word in encoder.tokenizer.get_vocab() if len(word) > 2 and re.fullmatch(r"[a-z]+", word)}

    qualities = wordnet.qualities

    def is_wanted(word: str, senses: list[Sense]) -> bool:
        first = senses[0].synset
        if not is_plain(word):
            return False
        placed = any(sense.synset.classes for sense in senses)
        return placed or word in whole or (first.file in SEEN_FILES and not first.instance)

    wanted = {word: senses for word, senses in wordnet.senses.items() if is_wanted(word, senses)}
    synsets = {s.synset.offset: s.synset for senses in wanted.values() for s in senses if s.synset.classes}
    synsets |= {senses[0].synset.offset: senses[0].synset for senses in wanted.values()}
    print(f"{len(wanted)} nouns, {len(synsets)} meanings to encode")
    listed = sorted(synsets)
    cosines = dict(zip(listed, like.cosines([synsets[offset] for offset in listed])))

    rows: dict[str, dict[int, float]] = {}
    for offset in listed:
        synset = synsets[offset]
        if synset.classes and len(synset.classes) < TOO_WIDE:
            rows[offset] = {c: 1.0 for c in synset.classes}
        elif not synset.classes and cosines[offset].max() >= LEAST_COSINE:
            rows[offset] = weigh_nearest(like.near(synset, cosines[offset]))

    # What is no animal is met with its like in pictures, which says its name better than its definition: wedding, gown.
    lone = [
        word
        for word, senses in wanted.items()
        if word not in qualities
        and senses[0].synset.offset in rows
        and senses[0].synset.file != ANIMAL_FILE
        and not any(sense.synset.classes for sense in senses)
    ]
    mixed: dict[str, dict[int, float]] = {}
    for word, bare in zip(lone, like.bare_cosines(lone)):
        synset = wanted[word][0].synset
        mixed[word] = weigh_nearest(like.near(synset, (cosines[synset.offset] + bare) / 2), temperature=TEMPERATURE_MIXED)

    words: dict[str, tuple[int, Row]] = {}
    for word, senses in wanted.items():
        known = [(sense, rows[sense.synset.offset]) for sense in senses if sense.synset.offset in rows]
        placed = [(sense, row) for sense, row in known if sense.synset.classes]
        if not placed and (word in qualities or senses[0].synset.offset not in rows):
            continue
        weights: dict[int, float] = {}
        for (sense, row), share in zip(placed, sense_shares([sense for sense, _ in placed])):
            add(weights, row, share)
        first = senses[0].synset
        if not first.classes and first.offset in rows and not (placed and first.instance):
            rare = placed and senses[0].count < COMMON
            if placed and not rare:
                weights = {c: weight * UNPLACED_SHARE for c, weight in weights.items()}
            add(weights, mixed.get(word, rows[first.offset]), UNPLACED_SHARE if rare else 1)
        words[word] = (BY_WORDNET if placed else BY_EMBEDDING, make_row(weights))
    # The network's own names for its classes mean these first of all.
    for index, name in enumerate(names):
        plain = re.sub(r" \(.*\)", "", name).lower()
        by, row = words.get(plain, (BY_EMBEDDING, ()))
        if is_plain(plain) and not any(c == index and step > 127 for c, step in row):
            weights = {c: UNPLACED_SHARE * step / 255 for c, step in row}
            add(weights, rows[own[index].offset], 1)
            words[plain] = (BY_WORDNET, make_row(weights))
    others = sorted(word for word in whole - qualities if word not in words and word not in wordnet.senses)
    for word, cosine in zip(others, like.bare_cosines(others)):
        if cosine.max() >= LEAST_COSINE:
            words[word] = (BY_EMBEDDING, make_row(weigh_nearest(cosine)))
    for alias, word in ALIASES.items():
        words[alias] = words[word]
    for plural, singular in wordnet.irregular.items():
        if (plural not in words or words[plural][0] == BY_EMBEDDING) and singular in words and is_plain(plural):
            words[plural] = words[singular]
    write(args.out, words, names)


if __name__ == "__main__":
    main()
