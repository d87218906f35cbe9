"""Reads the nouns of WordNet's database files (wndb(5WN), senseidx(5WN)) and the classes of ImageNet among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Synset:
    """One meaning: its words, what it is a kind of, what is said of it."""

    offset: str
    file: int
    words: list[str]
    gloss: str
    above: list[str] = field(default_factory=list)
    instance: bool = False
    classes: set[int] = field(default_factory=set)


@dataclass
class Sense:
    """A word in one meaning, and how often SemCor has it so."""

    synset: Synset
    count: int


class WordNet:
    """Nouns by synset offset and by word."""

    def __init__(self, folder: Path) -> None:
        self.synsets: dict[str, Synset] = {}
        for line in open(folder / "data.noun", encoding="utf-8"):
            if line.startswith(" "):
                continue
            data, gloss = line.rstrip().split(" | ", 1)
            parts = data.split()
            end = 4 + 2 * int(parts[3], 16)
            synset = Synset(parts[0], int(parts[1]), [w.replace("_", " ") for w in parts[4:end:2]], gloss)
            for at in range(end + 1, end + 1 + 4 * int(parts[end]), 4):
                if parts[at] in ("@", "@i"):
                    synset.above.append(parts[at + 1])
                    synset.instance |= parts[at] == "@i"
            self.synsets[synset.offset] = synset
        counts: dict[tuple[str, int], int] = {}
        sums: dict[tuple[str, str], int] = {}
        for line in open(folder / "cntlist.rev", encoding="utf-8"):
            key, number, count = line.split()
            lemma, rest = key.split("%")
            sums[lemma, rest[0]] = sums.get((lemma, rest[0]), 0) + int(count)
            if rest[0] == "1":
                counts[lemma, int(number)] = int(count)
        # Adjectives and adverbs first of all (3 to 5 in senseidx(5WN)), and verbs that are no nouns.
        self.qualities: set[str] = set()
        for lemma, _ in sums:
            noun, verb, *rest = (sums.get((lemma, kind), 0) for kind in "12345")
            if max(noun, verb) < sum(rest) or verb > 5 * noun:
                self.qualities.add(lemma.replace("_", " "))
        self.senses: dict[str, list[Sense]] = {}
        for line in open(folder / "index.noun", encoding="utf-8"):
            if line.startswith(" "):
                continue
            parts = line.split()
            offsets = parts[-int(parts[2]):]
            self.senses[parts[0].replace("_", " ")] = [
                Sense(self.synsets[offset], counts.get((parts[0], rank), 0)) for rank, offset in enumerate(offsets, 1)
            ]
        self.irregular: dict[str, str] = {}
        for line in open(folder / "noun.exc", encoding="utf-8"):
            plural, *singulars = line.replace("_", " ").split()
            if len(singulars) == 1:
                self.irregular[plural] = singulars[0]

    def ancestors(self, synset: Synset) -> set[str]:
        """Offsets of everything it is a kind of, itself among them."""
        found, todo = set(), [synset.offset]
        while todo:
            offset = todo.pop()
            if offset not in found:
                found.add(offset)
                todo += self.synsets[offset].above
        return found

    def place(self, wnids: list[str]) -> list[Synset]:
        """Writes into every synset which classes are kinds of it; returns the classes' own synsets."""
        own = [self.synsets[wnid[1:]] for wnid in wnids]
        for index, synset in enumerate(own):
            for offset in self.ancestors(synset):
                self.synsets[offset].classes.add(index)
        return own
