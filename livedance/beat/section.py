"""Where in the music we are: intro, groove, break, build or drop, by a simple rule on bass and activity.

The kick carries the groove. Without it there is a break; a break that gets busier and brighter is a build; the kick's
return after at least `BREAK_S` is a drop. For trackers that do not know better; a learnt one may replace it.
`step` is pure. Adds no latency: the drop is known at the hop in which the bass comes back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Features, Section
from livedance.records import replace

HOP_S: Final = HOP_SAMPLES / HOP_RATE_HZ
BASS_TAU_S: Final = 0.6
BASS_ON: Final = 0.26
"""Smoothed bass level (auto-gained, 0-1) of a groove: 0.3-0.6; of a break: below 0.2."""
BASS_OFF: Final = 0.15
KICK: Final = 0.6
"""Bass level of the moment that ends a break at once."""
BREAK_S: Final = 3.5
"""Shorter gaps are fills; no drop follows them."""
DROP_BEATS: Final = 32.0
"""A drop lasts eight bars, then it is the groove."""
ACTIVITY_TAU_S: Final = 1.0
BASE_TAU_S: Final = 2.0
"""The calmest activity of the break is its base ..."""
BUILD_RATIO: Final = 2.5
"""... and this many times the base is a full build."""
BUILD_FROM: Final = 0.35
SILENT_S: Final = 6.0
"""After this much silence the next sound is an intro again."""
DEFAULT_BEAT_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionState:
    """What the rule remembers."""

    section: Section = Section.INTRO
    bass: float = 0.0
    activity: float = 0.0
    base: float = math.inf
    """Lowest activity since the bass went away."""
    build: float = 0.0
    in_section_s: float = 0.0
    away_s: float = 0.0
    """For how long the bass has been away; 0 while it is there."""
    silent_s: float = 0.0


class SectionRule:
    """Turns features into (section, build 0-1), hop by hop."""

    def initial_state(self) -> SectionState:
        """Return the state before any sound."""
        return SectionState()

    def step(
        self, state: SectionState, features: Features, estimate: BeatEstimate
    ) -> tuple[Section, float, SectionState]:
        """Take one hop; returns (section, build, next state). Lost audio changes nothing."""
        if not features.heard:
            return state.section, state.build, state
        state = _listened(state, features)
        if state.silent_s > SILENT_S:
            state = replace(SectionState(), silent_s=state.silent_s)
            return state.section, state.build, state
        section = _next_section(state, features, estimate)
        if section in (Section.DROP, Section.GROOVE) and state.section in (Section.BREAK, Section.BUILD):
            state = replace(state, bass=max(state.bass, BASS_ON), away_s=0.0)  # the kick is back: wait for no average
        if section != state.section:
            state = replace(state, section=section, in_section_s=0.0)
        build = state.build if section in (Section.BREAK, Section.BUILD) else 0.0
        if build != state.build:
            state = replace(state, build=build)
        return section, build, state


def _listened(state: SectionState, features: Features) -> SectionState:
    """Return the state with its averages moved on by one hop."""
    level = features.levels.bass if math.isfinite(features.levels.bass) else 0.0
    onsets = features.onset_mid + features.onset_high
    bass = state.bass + HOP_S / BASS_TAU_S * (level - state.bass)
    activity = state.activity + HOP_S / ACTIVITY_TAU_S * ((onsets if math.isfinite(onsets) else 0.0) - state.activity)
    is_away = bass < BASS_OFF or (state.away_s > 0.0 and bass < BASS_ON)
    away_s = state.away_s + HOP_S if is_away else 0.0
    settled = away_s > BASE_TAU_S
    base = min(state.base, activity) if settled else math.inf
    rise = (activity / max(base, 1e-3) - 1.0) / (BUILD_RATIO - 1.0) if settled else 0.0
    target = min(1.0, max(0.0, rise))
    return replace(
        state,
        bass=bass,
        activity=activity,
        base=base,
        build=state.build + HOP_S / ACTIVITY_TAU_S * (target - state.build),
        in_section_s=state.in_section_s + HOP_S,
        away_s=away_s,
        silent_s=state.silent_s + HOP_S if features.is_silent else 0.0,
    )


def _next_section(state: SectionState, features: Features, estimate: BeatEstimate) -> Section:
    """Return the section that follows from what was just heard."""
    now = state.section
    beat_s = 60.0 / estimate.tempo_bpm if estimate.tempo_bpm > 0.0 else DEFAULT_BEAT_S
    kicks = features.levels.bass > KICK and features.onset_low > 0.3
    if now in (Section.BREAK, Section.BUILD):
        if kicks or state.away_s == 0.0:
            return Section.DROP if state.in_section_s > BREAK_S or now == Section.BUILD else Section.GROOVE
        if features.is_silent:
            return Section.BREAK
        return Section.BUILD if state.build > BUILD_FROM else Section.BREAK
    if now == Section.INTRO:
        return Section.GROOVE if state.bass > BASS_ON and state.in_section_s > 4.0 * beat_s else now
    if state.away_s > 2.0 * beat_s:
        return Section.BREAK
    if now == Section.DROP and state.in_section_s > DROP_BEATS * beat_s:
        return Section.GROOVE
    return now
