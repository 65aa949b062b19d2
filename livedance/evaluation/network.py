"""Does the network dance, and does it dance anything of its own? Beside the motion graph, real dance and chance.

Every generator dances each style from several seeds through the whole cast (groove, life, seams, feet). Real dance is
that of the held-out takes, which no network has seen, and of training takes, at their own tempo.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import clip_sampler, library
from livedance.dance.conditions import STYLES
from livedance.dance.library import MotionLibrary
from livedance.dance.motion_graph import MotionGraph
from livedance.dance.network import NetworkDance
from livedance.evaluation import generator_dances as dances
from livedance.evaluation import report
from livedance.evaluation.accents import Alignment, align, kinematic_beats
from livedance.evaluation.generator_dances import Dance
from livedance.evaluation.motion import body
from livedance.messages import SAMPLES_PER_BEAT
from livedance.paths import model_dir

Array = NDArray[np.floating]

GENERATORS: Final[Mapping[str, Callable[[], Any]]] = {
    "network": NetworkDance,
    "network, codes drawn": lambda: NetworkDance(is_led=False),
    "motion-graph": MotionGraph,
}
HELD_OUT: Final = "real, held-out"
TRAIN: Final = "real, training"
PHRASE_BEATS: Final = 4
BODY: Final = 18
"""Joints that are looked at: the face goes with the head."""
N_BOOTSTRAP: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Figures of all dances of one kind."""

    name: str
    beats: int
    alignment: Alignment | None
    speed: float
    """Metres a second."""
    jerk: float
    """As the other figures of the body over that of the held-out takes."""
    jerk_p99: float
    skate: float
    sunk: float
    frozen: float
    seam: float
    """Jerk within two samples of k + 0.5 over elsewhere."""
    distance: float
    """Kernel distance of its phrases from those of the held-out takes..."""
    distance_sd: float
    """... and its spread over samples with return."""
    diversity: float
    """Mean distance between its phrases, over that of the held-out takes."""
    seeds_apart: float | None
    """Mean distance of the same phrases danced from other seeds, over the same; None for real dance."""
    nearest_cm: float
    """Median over phrases of how far the nearest phrase of the training clips is, mean over joints and time."""
    nearest_p10_cm: float
    step_p50_ms: float | None
    step_p99_ms: float | None
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """One long dance: what of it is left at its end."""

    name: str
    minutes: float
    frozen: float
    """Share of seconds slower than a fifth of the mean."""
    speed_change: float
    """Mean speed of the last tenth over that of the first."""
    jerk_change: float
    back: float
    """Share of the time with the back to the audience."""
    far_m: float
    """99th percentile of the hips' distance from home."""
    refused: int


def run(
    *, n_beats: int, seeds: Sequence[int], bpm: float, minutes: float, out: Path | None, tell: Callable[[str], None]
) -> list[Row]:
    """Dance, measure, write the report, if one is wanted, and return its rows."""
    real = _real()
    danced: dict[str, list[Dance]] = {}
    for name, make in GENERATORS.items():
        danced[name] = []
        for style in STYLES:
            for seed in seeds:
                tell(f"{name}: {style}, seed {seed}")
                danced[name].append(dances.dance(name, make, style, bpm=bpm, n_beats=n_beats, seed=seed))
    held_out = real[HELD_OUT]
    kinds = {
        **danced,
        **real,
        "mean pose": [dances.still(d) for d in held_out],
        "shuffled beats": [dances.shuffled(d) for d in held_out],
    }
    tell("comparing")
    measure = _Measure(held_out, real[TRAIN])
    rows = [measure.row(name, some, len(seeds) if name in danced else 0) for name, some in kinds.items()]
    long = []
    for name in ("network", "motion-graph") if minutes else ():
        tell(f"{name}: {minutes:g} minutes")
        long.append(
            lasting(dances.dance(name, GENERATORS[name], "club", bpm=bpm, n_beats=round(minutes * bpm), seed=1))
        )
    write_report(rows, long, n_beats, bpm, seeds, out)
    return rows


def lasting(of: Dance) -> Long:
    """Return what of a long dance is left at its end."""
    tenth = max(1, len(of.joints_m) // 10)
    first, last = (body(part, of.fps) for part in (of.joints_m[:tenth], of.joints_m[-tenth:]))
    hips = of.joints_m[:, 0][:, [0, 2]]
    return Long(
        name=of.name,
        minutes=len(of.joints_m) / of.fps / 60.0,
        frozen=body(of.joints_m, of.fps).frozen,
        speed_change=last.speed_m_per_s / first.speed_m_per_s,
        jerk_change=last.jerk_m_per_s3 / first.jerk_m_per_s3,
        back=float((np.cos(clip_sampler.facing(of.joints_m)) < 0.0).mean()),
        far_m=float(np.percentile(np.linalg.norm(hips, axis=-1), 99)),
        refused=of.refused,
    )


def _real() -> dict[str, list[Dance]]:
    """Return the held-out and the training takes that are no motion on the floor."""
    takes = tomllib.loads((model_dir(library.NAME) / "splits.toml").read_text(encoding="utf-8"))
    clips = {c.id: c for c in MotionLibrary.shipped().clips if "floor" not in c.tags and c.n_beats > PHRASE_BEATS + 1}
    return {
        name: [dances.of_clip(name, clips[i]) for i in takes[split]["clips"] if i in clips]
        for name, split in ((HELD_OUT, "held_out"), (TRAIN, "train"))
    }


class _Measure:
    """Holds what everything is compared with."""

    def __init__(self, held_out: Sequence[Dance], train: Sequence[Dance]) -> None:
        self._jerk, self._p99 = _jerks(held_out)
        known = np.concatenate([_features(d) for d in train])
        self._mean, self._scale = known.mean(axis=0), known.std(axis=0) + 1e-6
        self._held_out = self._scaled(held_out)
        self._apart = _mean_distance(self._held_out)
        both = np.concatenate([dances.phrases(d, PHRASE_BEATS) for d in train])
        both = np.concatenate([both, _mirrored(both)])
        self._train = _thinned(both)

    def row(self, name: str, some: Sequence[Dance], n_seeds: int) -> Row:
        """Return the figures of some dances; those of a generator come style by style, `n_seeds` each."""
        jerk, p99 = _jerks(some)
        bodies = [body(d.joints_m, d.fps) for d in some]
        weights = [b.seconds for b in bodies]
        features = self._scaled(some)
        distance, spread = self._distance(features)
        nearest = np.concatenate([self._nearest(d, name == TRAIN) for d in some[:: 4 if name == TRAIN else 1]])
        steps = np.concatenate([d.step_ms for d in some])
        mean = {k: float(np.average([getattr(b, k) for b in bodies], weights=weights)) for k in bodies[0].__slots__}
        return Row(
            name=name,
            beats=sum(len(d.joints_m) for d in some) // SAMPLES_PER_BEAT,
            alignment=_alignment(some),
            speed=mean["speed_m_per_s"],
            jerk=jerk / self._jerk,
            jerk_p99=p99 / self._p99,
            skate=mean["skate"],
            sunk=mean["sunk"],
            frozen=mean["frozen"],
            seam=_seam(some),
            distance=distance,
            distance_sd=spread,
            diversity=_mean_distance(features) / self._apart,
            seeds_apart=self._seeds_apart(some, n_seeds) if n_seeds > 1 else None,
            nearest_cm=float(np.median(nearest)),
            nearest_p10_cm=float(np.percentile(nearest, 10)),
            step_p50_ms=float(np.percentile(steps, 50)) if len(steps) else None,
            step_p99_ms=float(np.percentile(steps, 99)) if len(steps) else None,
            refused=sum(d.refused for d in some),
        )

    def _scaled(self, some: Sequence[Dance]) -> Array:
        out: Array = (np.concatenate([_features(d) for d in some]) - self._mean) / self._scale
        return out

    def _distance(self, features: Array) -> tuple[float, float]:
        """Return the unbiased squared MMD, cubic kernel (as KID), from the held-out phrases, and its spread."""
        rng = np.random.default_rng(0)
        cubic = _Cubic(features, self._held_out)
        same = features is self._held_out or np.array_equal(features, self._held_out)
        draws = [
            cubic.distance(rng.integers(len(features), size=len(features)), rng.integers(cubic.m, size=cubic.m))
            for _ in range(N_BOOTSTRAP)
        ]
        return 0.0 if same else cubic.distance(np.arange(len(features)), np.arange(cubic.m)), float(np.std(draws))

    def _seeds_apart(self, some: Sequence[Dance], n_seeds: int) -> float:
        """Return how far the same phrases lie apart between seeds."""
        apart = []
        for first in range(0, len(some), n_seeds):
            same = [self._scaled([d]) for d in some[first : first + n_seeds]]
            apart += [np.linalg.norm(a - b, axis=1).mean() for i, a in enumerate(same) for b in same[:i]]
        return float(np.mean(apart)) / self._apart

    def _nearest(self, of: Dance, is_train: bool) -> Array:
        """Return (N,) cm from each phrase to the nearest one of the training clips, which is not the same."""
        found = _thinned(dances.phrases(of, PHRASE_BEATS, stride=4))
        out = np.empty(len(found))
        for i, phrase in enumerate(found):
            apart = np.linalg.norm(self._train - phrase, axis=-1).mean(axis=(1, 2))
            out[i] = 100.0 * float(apart[apart > 1e-4].min() if is_train else apart.min())
        return out


class _Cubic:
    """Kernels k(a, b) = (a.b / d + 1)^3 of two sets, for distances between samples of them."""

    def __init__(self, a: Array, b: Array) -> None:
        self.m = len(b)
        d = a.shape[1]
        self._aa, self._bb, self._ab = ((x @ y.T / d + 1.0) ** 3 for x, y in ((a, a), (b, b), (a, b)))

    def distance(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> float:
        """Return the unbiased squared MMD between `rows` of the first set and `columns` of the second."""
        aa, bb = self._aa[np.ix_(rows, rows)], self._bb[np.ix_(columns, columns)]
        n, m = len(rows), len(columns)
        within = (aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1))
        return float(within - 2.0 * self._ab[np.ix_(rows, columns)].mean())


def _features(of: Dance) -> Array:
    """Return (N, 104) of its phrases: each joint's mean speed, size of acceleration, mean place and its spread."""
    cut = dances.phrases(of, PHRASE_BEATS, stride=2)[:, :, :BODY]
    about = cut - cut[:, :, :1] * np.array([1.0, 0.0, 1.0])
    speed = np.diff(cut, axis=1) * of.fps
    kept = [j for j in range(BODY) if j]
    spread = about[:, :, kept].std(axis=1).mean(axis=-1)
    return np.concatenate(
        [
            np.linalg.norm(speed, axis=-1).mean(axis=1),
            np.linalg.norm(np.diff(speed, axis=1), axis=-1).mean(axis=1) * of.fps / 10.0,
            about[:, :, kept].mean(axis=1).reshape(len(cut), -1),
            spread,
        ],
        axis=1,
    )


def _thinned(cut: Array) -> Array:
    """Return phrases (N, T, 23, 3) as (N, T / 4, 18, 3): enough to tell them apart."""
    out: Array = cut[:, ::4, :BODY].astype(np.float32)
    return out


def _mirrored(cut: Array) -> Array:
    out: Array = cut[:, :, list(skeleton.MIRROR)] * np.array([-1.0, 1.0, 1.0])
    return out


def _mean_distance(features: Array) -> float:
    """Return the mean distance between pairs of rows."""
    square = (features**2).sum(axis=1)
    apart = np.sqrt(np.maximum(square[:, None] + square[None] - 2.0 * features @ features.T, 0.0))
    n = len(features)
    return float(apart.sum() / (n * (n - 1)))


def _jerks(some: Sequence[Dance]) -> tuple[float, float]:
    """Return (mean, 99th percentile) of jerk over all dances, weighted by time."""
    bodies = [body(d.joints_m, d.fps) for d in some]
    weights = [b.seconds for b in bodies]
    return (
        float(np.average([b.jerk_m_per_s3 for b in bodies], weights=weights)),
        float(np.average([b.jerk_p99 for b in bodies], weights=weights)),
    )


def _seam(some: Sequence[Dance]) -> float:
    """Return the mean jerk around the places where windows meet over that elsewhere; for clips at the same places."""
    near, far = [], []
    for one in some:
        jerk = np.linalg.norm(np.diff(one.joints_m[:, :BODY], n=3, axis=0), axis=-1).mean(axis=1)
        phase = (np.arange(len(jerk)) + 1.5) % SAMPLES_PER_BEAT  # a third difference lies between its four samples
        at_seam = np.minimum(phase, SAMPLES_PER_BEAT - phase) <= 2.0
        near.append(jerk[at_seam].mean())
        far.append(jerk[~at_seam].mean())
    return float(np.sum(near) / max(float(np.sum(far)), 1e-12))


def _alignment(some: Sequence[Dance]) -> Alignment | None:
    """Return the mean alignment with the dances' own beats."""
    found = []
    for one in some:
        n = len(one.joints_m) // SAMPLES_PER_BEAT
        beats = (np.arange(n) + 0.5) * 60.0 / one.bpm
        found.append(align(kinematic_beats(one.joints_m, one.fps), beats, n * 60.0 / one.bpm, n_rotations=200))
    weights = [a.motion_beats for a in found]
    if not sum(weights):
        return None
    mean: dict[str, Any] = {k: float(np.average([getattr(a, k) for a in found], weights=weights))
                            for k in Alignment.__slots__}  # fmt: skip
    return Alignment(**{**mean, "motion_beats": int(sum(weights))})


def goals(rows: Sequence[Row]) -> list[list[str]]:
    """Return (goal, found, reached or not) of the network, from its row and the anchors'."""
    by = {row.name: row for row in rows}
    net, graph, real, train = (by[name] for name in ("network", "motion-graph", HELD_OUT, TRAIN))
    lift, r = (net.alignment.bas_lift, net.alignment.phase_r) if net.alignment else (0.0, 0.0)
    found: list[tuple[str, str, bool]] = [
        ("lift ≥ 0.6, exact beats", f"{lift:.2f}", lift >= 0.6),
        ("R ≥ 0.7", f"{r:.2f}", r >= 0.7),
        ("jerk 0.8–1.25 × held-out", f"{net.jerk:.2f}", 0.8 <= net.jerk <= 1.25),
        ("seam ≤ 1.2", f"{net.seam:.2f}", net.seam <= 1.2),
        ("skate ≤ held-out + 2 points", f"{100 * net.skate:.1f} %", net.skate <= real.skate + 0.02),
        ("sunk ≤ 1 % of frames", f"{100 * net.sunk:.1f} %", net.sunk <= 0.01),
        ("distance ≤ 1.5 × floor", f"{net.distance:.2f} / {train.distance:.2f}", net.distance <= 1.5 * train.distance),
        ("diversity 0.8–1.2 × held-out", f"{net.diversity:.2f}", 0.8 <= net.diversity <= 1.2),
        ("diversity over the graph's", f"{net.diversity:.2f} / {graph.diversity:.2f}", net.diversity > graph.diversity),
        ("seam under the graph's", f"{net.seam:.2f} / {graph.seam:.2f}", net.seam < graph.seam),
        ("window p50 ≤ 2.5 ms, all in", f"{net.step_p50_ms or 0.0:.1f} ms", (net.step_p50_ms or 9.9) <= 2.5),
    ]
    return [[goal, value, "yes" if reached else "**no**"] for goal, value, reached in found]


def write_report(
    rows: Sequence[Row], long: Sequence[Long], n_beats: int, bpm: float, seeds: Sequence[int], out: Path | None
) -> None:
    """Write `out`.json and `out`.md."""
    head = ["dance", "beats", "lift", "R", "speed m/s", "jerk", "P99 jerk", "skate %", "sunk %", "frozen %", "seam"]
    body_rows = [
        [r.name, r.beats, r.alignment.bas_lift if r.alignment else None, r.alignment.phase_r if r.alignment else None,
         r.speed, r.jerk, r.jerk_p99, 100 * r.skate, 100 * r.sunk, 100 * r.frozen, r.seam]
        for r in rows
    ]  # fmt: skip
    other = [
        "dance",
        "distance",
        "±",
        "diversity",
        "seeds apart",
        "nearest cm",
        "P10 cm",
        "p50 ms",
        "p99 ms",
        "refused",
    ]
    own_rows = [
        [r.name, r.distance, r.distance_sd, r.diversity, r.seeds_apart, r.nearest_cm, r.nearest_p10_cm,
         r.step_p50_ms, r.step_p99_ms, r.refused]
        for r in rows
    ]  # fmt: skip
    explanation = _EXPLANATION.format(n_beats=n_beats, bpm=bpm, seeds=len(seeds), styles=", ".join(STYLES))
    tables = ["## The body, and the beat\n", report.table(head, body_rows)]
    tables += ["## Its own dance\n", report.table(other, own_rows)]
    if long:
        head = ["dance", "minutes", "frozen %", "speed, end / start", "jerk, end / start", "back %", "far m", "refused"]
        lasted = [
            [x.name, x.minutes, 100 * x.frozen, x.speed_change, x.jerk_change, 100 * x.back, x.far_m, x.refused]
            for x in long
        ]
        tables += ["## A long dance\n", report.table(head, lasted)]
    reached = goals(rows) if {*GENERATORS, HELD_OUT, TRAIN} <= {row.name for row in rows} else []
    if reached:
        tables += ["## Goals\n", report.table(["goal", "network", "reached"], reached), _NOT_BUILT]
    data = {"rows": list(rows), "long": list(long), "goals": reached}
    report.write(out, "The network beside the motion graph", explanation, data, tables)


def summary(rows: Sequence[Row]) -> list[str]:
    """Return a line for each kind of dance."""
    return [
        f"{r.name:22} lift {r.alignment.bas_lift if r.alignment else 0.0:5.2f}  R "
        f"{r.alignment.phase_r if r.alignment else 0.0:4.2f}  speed {r.speed:4.2f}  jerk {r.jerk:4.2f}  "
        f"skate {100 * r.skate:4.1f} %  seam {r.seam:4.2f}  distance {r.distance:6.2f}  diversity {r.diversity:4.2f}  "
        f"nearest {r.nearest_cm:4.1f} cm  p50 {r.step_p50_ms or 0.0:4.1f} ms  p99 {r.step_p99_ms or 0.0:4.1f} ms"
        for r in rows
    ]


_EXPLANATION: Final = """\
`livedance eval network`: each generator dances {n_beats} beats of steady music at {bpm:g} BPM in each of {styles}, from
{seeds} seeds, through choreographer, groove, life, seams and feet, at energies 0.35, 0.6 and 0.85. `network` is led
through figures (codes of real dance), `codes drawn` draws its codes from what it expects. Real dance is shown at its
own tempo, without groove or life.

Lift and R are those of `livedance eval dance`, with exact beats. Jerk is over that of the held-out takes. *Seam*: jerk
within two samples of where windows meet over elsewhere. *Distance*: unbiased squared MMD (cubic kernel, as KID) between
phrases of four beats and those of the held-out takes, over speed, acceleration, mean place and spread of each joint;
`real, training` is the floor. *Diversity*: mean distance between phrases, *seeds apart*: that of the same phrases from
other seeds; both over the held-out takes' diversity. *Nearest*: how far the nearest phrase of the training takes (every
beat, both sides) is from a phrase: half of the phrases are nearer. Where it is far under what held-out dance has, a
generator shows what was danced before. Times are CPU time of one window, choice and network together.
"""

_NOT_BUILT: Final = """\
What is not there: the network hears no music, only beats, tempo, energy, style and where to go (the motion that it
learnt from had no music); the choreographer's sections and roles reach it through energy, rate and rests alone, because
no clip says in which bar it was danced. How often its dance is found by its music stands in match.md.
"""
