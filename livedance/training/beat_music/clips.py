"""The folder of training clips: a FLAC and a truth for each seed, made by several processes, resumed at its end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from livedance.errors import ConfigError
from livedance.messages import F32
from livedance.training.beat_music import banks, dataset, samples, truths
from livedance.training.beat_music.banks import Places, Split
from livedance.training.beat_music.piece import Truth
from livedance.training.beat_music.samples import RATE_HZ

SEEDS_PER_RUN: Final = 10_000
"""Clips that one `--seed` may have; seeds of clips follow each other from seed times this."""
_FIRST: Final[dict[Split, int]] = {"train": 0, "held-out": 1_000_000}
_HIGHEST_SEED: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One clip to make."""

    seed: int
    split: Split
    places: Places
    kind: str | None = None
    """One of `dataset.KINDS`, or drawn by the seed."""

    @property
    def stem(self) -> Path:
        """Path of the clip without its ending."""
        return folder(self.places.cache_dir, self.split) / f"{self.seed:07d}"


def folder(cache: Path, split: Split) -> Path:
    """Return where the clips of a split lie."""
    return cache / "clips" / split


def jobs(hours: float, seed: int, split: Split, places: Places, kind: str | None = None) -> list[Job]:
    """Return the clips of `hours` that are not there yet; `ConfigError` for seeds and kinds that cannot be had."""
    count = round(hours * 3_600 / dataset.CLIP_S)
    if not 0 <= seed <= _HIGHEST_SEED:
        raise ConfigError(f"the seed is {seed}: give 0 to {_HIGHEST_SEED}")
    if count > SEEDS_PER_RUN:
        raise ConfigError(f"{hours} hours are {count} clips, more than {SEEDS_PER_RUN}: use several seeds")
    if kind is not None and kind not in dataset.KINDS:
        raise ConfigError(f"there is no kind of clip '{kind}': there are {', '.join(dataset.KINDS)}")
    first = _FIRST[split] + seed * SEEDS_PER_RUN
    wanted = (Job(seed=first + k, split=split, places=places, kind=kind) for k in range(count))
    return [job for job in wanted if not job.stem.with_suffix(".json").is_file()]


def make(todo: list[Job], workers: int) -> Iterator[Path]:
    """Make all clips, `workers` at once at low priority; yields each as it is done, in no order."""
    if not todo:
        return
    # Rendered here once: the processes find the notes in the cache.
    banks.find(todo[0].split, todo[0].places)
    os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_polite) as pool:
        for done in as_completed([pool.submit(make_one, job) for job in todo]):
            yield done.result()


def _polite() -> None:
    if hasattr(os, "nice"):
        os.nice(19)


def make_one(job: Job) -> Path:
    """Make one clip; its truth is written last, so a clip without it is made again."""
    audio, truth = dataset.example(job.seed, job.split, job.kind, places=job.places)
    write(job.stem, audio, truth)
    return job.stem


def write(stem: Path, audio: F32, truth: Truth) -> None:
    """Write STEM.flac (16 bit) and then STEM.json."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(stem.with_suffix(".flac"), audio, RATE_HZ, format="FLAC", subtype="PCM_16", compression_level=0.2)
    partial = stem.with_suffix(".part")
    partial.write_text(truths.dump(truth), encoding="utf-8")
    partial.rename(stem.with_suffix(".json"))


def read(stem: Path) -> tuple[F32, Truth]:
    """Return the audio and the truth of a clip."""
    audio = samples.read_mono(stem.with_suffix(".flac"))
    return np.asarray(audio), truths.load(stem.with_suffix(".json").read_text(encoding="utf-8"))


def stems(where: Path) -> list[Path]:
    """Return the complete clips in a folder, in order."""
    return sorted(path.with_suffix("") for path in where.glob("*.json"))
