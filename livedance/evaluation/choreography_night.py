"""The figures of a danced night and, by the same rulers, of held-out motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.direction import Role
from livedance.evaluation import choreography_accents as accents
from livedance.evaluation import choreography_anchor as anchor
from livedance.evaluation import choreography_body as bodies
from livedance.evaluation import choreography_group as group
from livedance.evaluation.choreography_dance import Danced
from livedance.evaluation.choreography_figure import Figure, Figures, of_values
from livedance.evaluation.choreography_track import BeatTrack
from livedance.evaluation.choreography_variety import variety

Array = NDArray[np.floating]

BRIEF_S: Final = 10.0
"""Shorter times on stage are left out of what needs a stretch."""
SEAM_BEATS: Final = 0.5
"""How long after its slot a held pose is still left."""
CMU, CLUB, BANDAI = "cmu_", "g1_", "indian"
"""How the ids of clips begin; what stands in those of Bandai's."""


def common(tracks: Sequence[BeatTrack], beats_s: Callable[[BeatTrack], Array]) -> Figures:
    """Return the figures that need no notes, over all stretches of some dances; the same for ours and for anchors."""
    rows = [anchor.figures(part, beats_s(track)) for track in tracks for part in track.stretches()]
    out = {name: of_values([getattr(row.musicality, name) for row in rows]) for name in anchor.MUSICALITY}
    whole = [row.shape for row in rows]
    out |= {
        "speed": of_values([row.body.speed_m_per_s for row in whole]),
        "hips_speed": of_values([row.hips_m_per_s for row in whole]),
        "jerk": of_values([row.body.jerk_m_per_s3 for row in whole]),
        "jerk_for_speed": of_values(
            [row.body.jerk_m_per_s3 / anchor.usual_jerk(row.body.speed_m_per_s) for row in whole]
        ),
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
    out |= _faces(_not_in_couples(danced), downbeats)
    holds = [(n.hold_from, n.beat + n.beats + SEAM_BEATS) for n in danced.notes if n.hold_from is not None]
    still = [bodies.stillness(track, holds) for track in danced.tracks]
    hours = sum(track.seconds for track in danced.tracks) / 3600.0
    out["freezes"] = Figure(value=sum(row.freezes for row in still) / hours, n=len(still))
    out["longest_still"] = Figure(value=max(row.longest_beats for row in still), n=len(still))
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
    notes = [note for note in danced.notes_of(0) if note.beat > track.first_beat and note.role != Role.BRIDGE]
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
        "repeats_varied": Figure(value=found.repeats_varied),
        "used": Figure(value=100.0 * found.used),
        "most_over_fair": Figure(value=found.most_over_fair),
        "phrase_seam": replace(of_values(list(here / around)), value=bodies.ratio(here, around)),
    } | _heads_and_feet(parts)


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


def _not_in_couples(danced: Danced) -> list[BeatTrack]:
    """Return when the first dancer danced to the audience: partners of a couple face each other."""
    track = danced.tracks[0]
    couples = {clip.id for clip in anchor.library().clips if "partner" in clip.tags}
    parts = []
    for in_couple, group_of_notes in groupby(danced.notes_of(0), key=lambda note: note.clip in couples):
        notes = list(group_of_notes)
        part = track.between(notes[0].beat, notes[-1].beat + notes[-1].beats)
        if not in_couple and len(part.t_s) and part.seconds > BRIEF_S:
            parts.append(part)
    return parts or [track]


def by_style(danced: Danced) -> dict[str, Figures]:
    """Return the figures of the first dancer for every style that was danced for a while."""
    track = danced.tracks[0]
    downbeats = danced.log.beat[danced.log.count % 4 == 0]
    parts: dict[str, list[BeatTrack]] = {}
    for style, group_of_notes in groupby(danced.notes_of(0), key=lambda note: note.style):
        notes = list(group_of_notes)
        part = track.between(notes[0].beat, notes[-1].beat + notes[-1].beats)
        if len(part.t_s) and part.seconds > BRIEF_S:
            parts.setdefault(style, []).append(part)
    out = {}
    for style, found in sorted(parts.items()):
        figures = common(found, lambda part: danced.music_beats_s) | _faces(found, downbeats)
        out[style] = {"seconds": Figure(value=sum(part.seconds for part in found), n=len(found))} | figures
    return out
