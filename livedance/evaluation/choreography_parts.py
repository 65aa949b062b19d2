"""The parts of the evaluation: each dances what it needs and returns figures by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import config as configs
from livedance.dance.arrangement import FORMATIONS
from livedance.dance.direction import PhraseNote
from livedance.evaluation import choreography_accents as accents
from livedance.evaluation import choreography_anchor as anchor
from livedance.evaluation import choreography_body as bodies
from livedance.evaluation import choreography_group as group
from livedance.evaluation.accents import joint_speed, smooth
from livedance.evaluation.choreography_dance import Danced, Night, dance
from livedance.evaluation.choreography_set import Music, clicks
from livedance.evaluation.choreography_track import FPS, BeatTrack, shown
from livedance.evaluation.choreography_variety import variety
from livedance.messages import Command

Array = NDArray[np.floating]

CLICK_BPM: Final = 120.0
BEAT_S: Final = 60.0 / CLICK_BPM
COUPLE, COUPLE_STYLE, COUPLE_S = "couple", "salsa", 90.0
BRIEF_S: Final = 10.0
"""Shorter times on stage are left out of what needs a stretch."""
STYLE_BEATS: Final = 12
"""How long each style is danced where pairs of styles are measured."""
HIT_AT_S: Final = 9.0
HIT_WITHIN_S: Final = 0.6
"""The hit's fastest moment is looked for so long after the command ..."""
HIT_STOP_S: Final = 0.35
"""... and its stop so long after that."""
SEEN_M: Final = 0.02
"""A dance that differs by more in the mean of its joints has visibly answered."""
FORMATION_BEATS: Final = 32
ENERGIES: Final = (0.0, 0.5, 1.0)
CMU, CLUB, BANDAI = "cmu_", "g1_", "indian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number."""

    value: float
    low: float = np.nan
    """10th percentile over stretches, seams, hits ..."""
    high: float = np.nan
    n: int = 1


Figures = dict[str, Figure]
Pairs = dict[tuple[str, str], Figure]
Settings = Mapping[str, Any]
"""Configuration beside the tracker."""


def of_values(values: Sequence[float]) -> Figure:
    """Return the mean of what is finite, and its spread."""
    mean, low, high = anchor.spread(values)
    return Figure(value=mean, low=low, high=high, n=int(np.isfinite(np.asarray(values, np.float64)).sum()))


def common(tracks: Sequence[BeatTrack], beats_s: Callable[[BeatTrack], Array]) -> Figures:
    """Return the figures that need no notes, over all stretches of some dances; the same for ours and for anchors."""
    rows = [anchor.figures(part, beats_s(track)) for track in tracks for part in track.stretches()]
    out = {name: of_values([getattr(row.musicality, name) for row in rows]) for name in anchor.MUSICALITY}
    whole = [row.shape for row in rows]
    out |= {
        "speed": of_values([row.body.speed_m_per_s for row in whole]),
        "hips_speed": of_values([row.hips_m_per_s for row in whole]),
        "jerk": of_values([row.body.jerk_m_per_s3 for row in whole]),
        "jerk_p99": of_values([row.body.jerk_p99 for row in whole]),
        "skate": of_values([100.0 * row.body.skate for row in whole]),
        "sunk": of_values([100.0 * row.body.sunk for row in whole]),
        "window_seam": of_values([row.window_seam for row in whole]),
    }
    deep = [100.0 * bodies.wrists_deep(part) for track in tracks for part in track.stretches()]
    out["wrist_deep"] = of_values(deep)
    still = [bodies.stillness(track) for track in tracks]
    hours = sum(track.seconds for track in tracks) / 3600.0
    out["jolts"] = Figure(value=sum(bodies.jolts(track) for track in tracks) / hours, n=len(tracks))
    out["freezes"] = Figure(value=sum(row.freezes for row in still) / hours, n=len(still))
    out["longest_still"] = Figure(value=max(row.longest_beats for row in still), n=len(still))
    return out


def held_out() -> Figures:
    """Return the anchors: the same figures of held-out clips, and head and feet of the library by group."""
    tracks = anchor.tracks_of(anchor.held_out())
    out = common(tracks, anchor.beat_times) | _faces(tracks, np.zeros(0))
    out["phrase_seam"] = Figure(value=1.0, n=0)
    out["change_skate"] = out["skate"]
    everything = anchor.tracks_of([clip.id for clip in anchor.library().clips])
    out["library_jerk"] = of_values([bodies.shape(track).body.jerk_m_per_s3 for track in everything])
    return out | _heads_and_feet([(track.name, part) for track in everything for part in bodies.eights(track)])


def night(danced: Danced) -> Figures:
    """Return the figures of a night by one or more dancers."""
    first = danced.tracks[0]
    tracks = [track for track in danced.tracks if track.seconds > BRIEF_S]
    downbeats = danced.log.beat[danced.log.count % 4 == 0]
    out = common(tracks, lambda track: danced.music_beats_s)
    out |= _faces([track for track in tracks if track.dancer == 0], downbeats)
    apart = group.apart(danced.tracks)
    if len(apart):
        out["near"] = Figure(value=100.0 * float((apart < group.NEAR_M).mean()), n=len(danced.tracks))
    strength = accents.profile(first, danced.log.beat, danced.log.count)
    out["first_over_rest"] = Figure(value=float(strength[0] / np.nanmax(strength[1:])))
    out["profile_variation"] = Figure(value=float(np.nanstd(strength) / np.nanmean(strength)))
    out |= {f"accent_{count + 1}": Figure(value=float(value)) for count, value in enumerate(strength)}
    out["cpu"] = Figure(value=100.0 * danced.window_share)
    out["faster_than_time"] = Figure(value=danced.audio_s / danced.whole_cpu_s)
    return out | noted(danced)


def noted(danced: Danced) -> Figures:
    """Return what needs the notes of the first dancer: variety, seams of phrases, head and feet by group of clips."""
    track = danced.tracks[0]
    notes = [note for note in danced.notes_of(0) if note.beat > track.first_beat]
    if not notes:
        return {}
    soloists = [clip for clip in anchor.library().clips if "partner" not in clip.tags]
    found = variety(notes, lambda beat: float(np.interp(beat, track.beats, track.t_s)), soloists)
    here, around = bodies.seams(track, np.unique([note.beat for note in notes]))
    parts = [(note.clip, track.between(note.beat, note.beat + note.beats)) for note in notes]
    return {
        "phrases": Figure(value=found.phrases),
        "themes_again": Figure(value=found.themes_again),
        "repeats": Figure(value=found.repeats),
        "repeats_mirrored": Figure(value=found.repeats_mirrored),
        "used": Figure(value=100.0 * found.used),
        "most_over_fair": Figure(value=found.most_over_fair),
        "phrase_seam": replace(of_values(list(here / around)), value=bodies.ratio(here, around)),
    } | _heads_and_feet(parts)


def energies(music: Music, seed: int, tracker: str, settings: Settings) -> Figures:
    """Return joint speed at hand-set energies."""
    out = {}
    for energy in ENERGIES:
        danced = dance(Night(music=music, seed=seed, tracker=tracker, settings=settings, controls={"energy": energy}))
        rows = [bodies.shape(part) for part in danced.tracks[0].stretches(30.0)]
        out[f"speed_at_{energy:g}"] = of_values([row.body.speed_m_per_s for row in rows])
        out[f"hips_at_{energy:g}"] = of_values([row.hips_m_per_s for row in rows])
    least = max(out["speed_at_0"].value, 1e-6)
    out["half_over_least"] = Figure(value=out["speed_at_0.5"].value / least)
    out["full_over_least"] = Figure(value=out["speed_at_1"].value / least)
    return out


def hits(seed: int, n: int, settings: Settings) -> Figures:
    """Return how a hit comes and settles: `n` hits at all phases of the beat, each beside the dance without it."""
    music = clicks(CLICK_BPM, HIT_AT_S + 3.0)
    settle, answer, peak = [], [], []
    for i in range(n):
        t_s = HIT_AT_S + (i % 8) / 8 * BEAT_S
        acts = [(t_s, Command(op="hit"))]
        plain, hit = (
            shown(dance(Night(music=music, seed=seed + i, acts=wanted, settings=settings)).tracks[0])
            for wanted in ([], acts)
        )
        first = int(np.searchsorted(hit.t_s, t_s))
        apart = np.linalg.norm(hit.positions_m - plain.positions_m, axis=-1).mean(axis=1)[first:]
        speed = smooth(joint_speed(hit.positions_m, FPS), accents.SMOOTH_S * FPS)
        top = first + int(speed[first : first + round(HIT_WITHIN_S * FPS)].argmax())
        stop = top + int(speed[top : top + round(HIT_STOP_S * FPS)].argmin())
        answer.append(1e3 * float(np.argmax(apart > SEEN_M)) / FPS if (apart > SEEN_M).any() else np.nan)
        settle.append(1e3 * accents.settling_s(speed, stop))
        peak.append(1e3 * float(hit.t_s[top] - t_s))
    return {"hit_settle_ms": of_values(settle), "hit_answer_ms": of_values(answer), "hit_peak_ms": of_values(peak)}


def style_pairs(styles: Sequence[str], seed: int, rounds: int, settings: Settings) -> Pairs:
    """Return the seam ratio of every change from one style to another, by hand, over `rounds` of all of them."""
    here: dict[tuple[str, str], list[float]] = {}
    around: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds):
        order = [*tour(styles, turn)]
        music = clicks(CLICK_BPM, BEAT_S * STYLE_BEATS * (len(order) + 1))
        wishes = [(BEAT_S * STYLE_BEATS * i, style) for i, style in enumerate(order)]
        acts = [(t, Command(op="set", args={"style": style})) for t, style in wishes]
        danced = dance(Night(music=music, seed=seed + turn, acts=acts, settings=settings))
        pairs, beats = changes_of(danced, wishes)
        for pair, a, b in zip(pairs, *bodies.seams(danced.tracks[0], beats), strict=True):
            here.setdefault(pair, []).append(a)
            around.setdefault(pair, []).append(b)
    out = {}
    for pair, found in here.items():
        ratios = of_values(list(np.array(found) / np.array(around[pair])))
        out[pair] = replace(ratios, value=bodies.ratio(np.array(found), np.array(around[pair])))
    return out


def tour(styles: Sequence[str], turn: int) -> Iterator[str]:
    """Yield styles so that each follows each other one once (Hierholzer's way through the complete graph)."""
    names = [*styles[turn % len(styles) :], *styles[: turn % len(styles)]]
    left = {a: [b for b in names if b != a] for a in names}
    stack, path = [names[0]], []
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            path.append(stack.pop())
    yield from reversed(path)


def formations(seed: int, dancers: int, settings: Settings) -> tuple[Figures, list[group.Change]]:
    """Return distances of a group, and each change from one formation to the next."""
    order = [name for name in FORMATIONS if name != COUPLE]
    order = [*order, *order, order[0]]
    wishes = [(BEAT_S * FORMATION_BEATS * i + 1.3, to) for i, to in enumerate(order)]
    music = clicks(CLICK_BPM, wishes[-1][0] + BEAT_S * FORMATION_BEATS)
    acts = [(t, Command(op="set", args={"formation": to})) for t, to in wishes]
    danced = dance(Night(music=music, seed=seed, acts=acts, settings=with_dance(settings, dancers=dancers)))
    downbeats = danced.log.beat[danced.log.count % 4 == 0]
    apart = group.apart(danced.tracks)
    changes = [
        group.change(danced.tracks, to, float(np.interp(t, danced.tracks[0].t_s, danced.tracks[0].beats)), downbeats)
        for t, to in wishes[1:-1]
    ]
    moved = [found for found in changes if found.moved]
    return {
        "group_least_m": Figure(value=float(apart.min()), n=dancers),
        "group_near": Figure(value=100.0 * float((apart < group.NEAR_M).mean()), n=dancers),
        "arrive_on_one": of_values([found.on_one for found in moved]),
        "arrive_beats": of_values([found.beats for found in moved]),
        "change_skate": of_values([100.0 * found.skate for found in moved]),
    }, changes


def couples(seed: int, settings: Settings) -> Figures:
    """Return how far two partners dance from each other; nothing where couples cannot be danced."""
    if COUPLE not in FORMATIONS:
        return {}
    settings = with_dance(settings, dancers=2, formation=COUPLE, style=COUPLE_STYLE)
    danced = dance(Night(music=clicks(CLICK_BPM, COUPLE_S), seed=seed, settings=settings))
    apart = group.apart(danced.tracks)
    low, middle, high = np.percentile(apart, (10, 50, 90))
    return {"couple_m": Figure(value=float(middle), low=float(low), high=float(high), n=2)}


def load_of(music: Music, seed: int, dancers: int, settings: Settings) -> Figure:
    """Return the share of one core, in percent, that making windows takes with so many different dancers."""
    danced = dance(
        Night(music=music, seed=seed, settings=with_dance(settings, dancers=dancers, formation="individuals"))
    )
    return Figure(value=100.0 * danced.window_share)


def with_dance(settings: Settings, **dance_settings: Any) -> Settings:
    """Return `settings` with other values in its section `dance`."""
    return configs.merge(settings, {"dance": dance_settings})


def _faces(tracks: Sequence[BeatTrack], downbeats: Array) -> Figures:
    found = [bodies.facing(track, downbeats) for track in tracks]
    seconds = [track.seconds for track in tracks]
    turns = [row.turns for row in found]
    turned = [row for row in found if row.turns]
    out = {
        "front": replace(
            of_values([100.0 * row.front for row in found]),
            value=float(np.average([100.0 * row.front for row in found], weights=seconds)),
        ),
        "back_beats": Figure(value=float(max(row.longest_back_beats for row in found)), n=len(found)),
        "turns_an_hour": Figure(value=3600.0 * sum(turns) / sum(seconds), n=sum(turns)),
    }
    for name in ("landed_front", "landed_on_one") if turned else ():
        shares = [100.0 * getattr(row, name) for row in turned]
        value = float(np.average(shares, weights=[row.turns for row in turned]))
        out[name] = Figure(value=value, n=sum(turns))
    return out


def _heads_and_feet(parts: Sequence[tuple[str, BeatTrack]]) -> Figures:
    """Return head range and foot pitch by group of clips, and that of the club half over CMU's."""
    out: Figures = {}
    for name, read in (("head", bodies.head_range_deg), ("foot", bodies.foot_pitch_deg)):
        for title, prefix in (("club", CLUB), ("cmu", CMU)):
            found = [
                read(part.joint_positions_m)
                for clip, part in parts
                if clip.startswith(prefix) and BANDAI not in clip and len(part.t_s) >= 64
            ]
            if found:
                low, middle, high = np.percentile(found, (10, 50, 90))
                out[f"{name}_{title}"] = Figure(value=float(middle), low=float(low), high=float(high), n=len(found))
    return out


def changes_of(danced: Danced, wishes: Sequence[tuple[float, str]]) -> tuple[list[tuple[str, str]], Array]:
    """Return (pairs of styles, dance beats at which the second began)."""
    track = danced.tracks[0]
    notes = danced.notes_of(0)
    pairs, beats = [], []
    for (_, before), (t_s, after) in pairwise(wishes):
        wished_at = float(np.interp(t_s, track.t_s, track.beats))
        start = _start_of(after, wished_at, notes)
        if start is not None:
            pairs.append((before, after))
            beats.append(start)
    return pairs, np.array(beats)


def _start_of(style: str, wished_at: float, notes: Sequence[PhraseNote]) -> float | None:
    starts = [n.beat for n in notes if n.style == style and wished_at - 0.6 <= n.beat < wished_at + STYLE_BEATS - 1]
    return min(starts, default=None)
