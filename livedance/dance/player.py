"""The score player: windows, clock states and arrangements in; poses of the shown dancers at any time out.

`pose_at(t)` is a pure function of what is known and t. Every event counts from its own time on (the show time that the
wire carries, plus the player's delay), or from the latest pose already shown when it comes late; nothing depends on how
often poses are asked for. Within an epoch the player never goes back; without news it goes on with the last clock.
The algorithm is written down in docs/conventions.md; tests/golden holds vectors that every player has to pass.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from livedance import rotations, skeleton
from livedance.dance.score import Score
from livedance.dance.voice import HISTORY_S, Regime, Shown, Voice
from livedance.messages import Arrangement, ClockState, MotionWindow, PoseFrame, ShownDancer

MAX_WAITING: Final = 256
"""Events that wait for their time; with more, the oldest count at once (a page that draws nothing)."""
_CONTACT_MIRROR: Final = [2, 3, 0, 1]

Payload: TypeAlias = MotionWindow | ClockState | Arrangement


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    t_s: float
    order: int
    payload: Payload = field(compare=False)


class _Seen(NamedTuple):
    """What is shown at one time, before it is placed on the stage."""

    t_s: float
    beat_position: float
    dance_position: float
    dancers: Sequence[ShownDancer]
    shown: Sequence[Shown]


class ScorePlayer:
    """Plays a score. One thread; no I/O; asks no clock.

    Args:
        delay_s: how much later than now the poses that are asked for will be seen (the output's own delay). Poses are
            asked for at show time + delay; events then count from their show time + delay on.
    """

    def __init__(self, *, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.score = Score()
        self._regime: Regime | None = None
        self._regimes: list[Regime] = []
        self._arrangements: list[Arrangement] = [Arrangement(beat=-math.inf)]
        self._voices: dict[tuple[int, float], Voice] = {}
        self._waiting: list[_Event] = []
        self._now = -math.inf
        self._order = 0

    # --- what is told ---

    def add(self, window: MotionWindow, t_s: float | None = None) -> None:
        """Take a window that was known from show time `t_s` on (None: from now on)."""
        self._tell(t_s, window)

    def set_clock(self, state: ClockState) -> None:
        """Take a clock state; it counts from `state.t_s` on (show time)."""
        self._tell(state.t_s, state)

    def set_arrangement(self, arrangement: Arrangement, t_s: float | None = None) -> None:
        """Take an arrangement, known from `t_s` on, shown from its dance beat on."""
        self._tell(t_s, arrangement)

    # --- what is asked ---

    @property
    def clock(self) -> ClockState | None:
        """The newest clock state that counts by the latest time asked for."""
        return self._regime.state if self._regime else None

    def dance_position(self, t_s: float) -> float:
        """Return dance beats at `t_s`; 0 before the first clock state."""
        regime = self._regime_at(t_s)
        return regime.dance_at(t_s) if regime else 0.0

    def pose_at(self, t_s: float) -> PoseFrame:
        """Return the shown dancers at `t_s`."""
        return self.poses_at((t_s,))[0]

    def poses_at(self, times_s: Sequence[float]) -> list[PoseFrame]:
        """Return the shown dancers at rising times, cheaper than one by one: joints are placed for all at once."""
        return _frames([self._seen(t_s) for t_s in times_s])

    def _seen(self, t_s: float) -> _Seen:
        self._advance(t_s)
        regime = self._regime_at(t_s)
        position = regime.dance_at(t_s) if regime else 0.0
        dancers = self._arrangement_at(position if regime else math.inf).dancers
        voices: dict[tuple[int, float], Shown] = {}
        for dancer in dancers:
            key = (dancer.source, dancer.lag_beats)
            if key not in voices:
                voices[key] = self._voice(key, t_s).shown(t_s)
        shown = [voices[dancer.source, dancer.lag_beats] for dancer in dancers]
        return _Seen(t_s, regime.beat_at(t_s) if regime else 0.0, position, dancers, shown)

    # --- events in the order of their times ---

    def _tell(self, t_s: float | None, payload: Payload) -> None:
        at_s = self._now if t_s is None else max(t_s + self.delay_s, self._now)
        self._order += 1
        insort(self._waiting, _Event(at_s, self._order, payload))
        if len(self._waiting) > MAX_WAITING:
            self._advance(self._waiting[0].t_s)

    def _advance(self, t_s: float) -> None:
        while self._waiting and self._waiting[0].t_s <= t_s:
            event = self._waiting.pop(0)
            for voice in self._voices.values():
                voice.advance(event.t_s)
            self._now = max(self._now, event.t_s)
            if isinstance(event.payload, MotionWindow):
                self._on_window(event.t_s, event.payload)
            elif isinstance(event.payload, ClockState):
                self._on_clock(event.t_s, event.payload)
            else:
                self._on_arrangement(event.t_s, event.payload)
        for voice in self._voices.values():
            voice.advance(t_s)
        self._now = max(self._now, t_s)

    def _on_window(self, t_s: float, window: MotionWindow) -> None:
        if self._regime:
            self.score.trim(self._regime.dance_at(t_s))
        if self.score.add(window):
            for (source, _), voice in self._voices.items():
                if source == window.dancer:
                    voice.on_track(t_s, self.score.track(source))

    def _on_clock(self, t_s: float, state: ClockState) -> None:
        before = self._regime
        if before and state.t_s < before.state.t_s:
            return
        if before is None:
            self._need(t_s)  # Whoever is shown stands until now, whether somebody looked or not.
        self._regime = Regime.after(before, t_s, state)
        self._regimes = [*[r for r in self._regimes if r.t_s >= t_s - HISTORY_S][-MAX_WAITING:], self._regime]
        if before:
            self._settle(before.dance_at(t_s))
            if self._regime.dance_at(t_s) < before.dance_at(t_s):
                self._settle(math.inf)
        for voice in self._voices.values():
            voice.on_clock(t_s, self._regime)

    def _on_arrangement(self, t_s: float, arrangement: Arrangement) -> None:
        if self._regime:
            self._settle(self._regime.dance_at(t_s))
        self._arrangements.append(arrangement)
        self._need(t_s)

    # --- arrangements and voices ---

    def _arrangement_at(self, dance_position: float) -> Arrangement:
        due = [a for a in self._arrangements[1:] if a.beat <= dance_position]
        return due[-1] if due else self._arrangements[0]

    def _settle(self, dance_position: float) -> None:
        """Forget what was shown before the arrangement at `dance_position`, voices included."""
        now = self._arrangement_at(dance_position)
        first = next(i for i, arrangement in enumerate(self._arrangements) if arrangement is now)
        self._arrangements = self._arrangements[first:]
        used = {(d.source, d.lag_beats) for a in self._arrangements for d in a.dancers}
        self._voices = {key: voice for key, voice in self._voices.items() if key in used}

    def _need(self, t_s: float) -> None:
        """Start a voice for everyone who is or will be shown."""
        for arrangement in self._arrangements:
            for dancer in arrangement.dancers:
                self._voice((dancer.source, dancer.lag_beats), t_s)

    def _voice(self, key: tuple[int, float], t_s: float) -> Voice:
        if key not in self._voices:
            source, lag = key
            self._voices[key] = Voice(t_s=t_s, regime=self._regime, lag_beats=lag, track=self.score.track(source))
        return self._voices[key]

    def _regime_at(self, t_s: float) -> Regime | None:
        for regime in reversed(self._regimes):
            if regime.t_s <= t_s:
                return regime
        return self._regimes[0] if self._regimes else None


def _frames(seen: Sequence[_Seen]) -> list[PoseFrame]:
    """Return the frames of what is shown, mirrored, turned and placed."""
    n = sum(len(now.dancers) for now in seen)
    root, turned = np.empty((n, 3)), np.empty((n, skeleton.N_JOINTS, 4))
    hands, contact, origin = np.empty((n, 2), np.uint8), np.empty((n, 4)), np.empty(n, np.uint8)
    pairs = (pair for now in seen for pair in zip(now.dancers, now.shown, strict=True))
    for i, (dancer, shown) in enumerate(pairs):
        root[i], turned[i] = shown.body.root_position_m, shown.body.joint_rotations_wxyz
        hands[i], contact[i], origin[i] = shown.hands, shown.foot_contact, shown.origin
        if dancer.mirror:
            root[i], turned[i] = skeleton.mirror(root[i], turned[i])
            hands[i], contact[i] = hands[i, ::-1], contact[i, _CONTACT_MIRROR]
        if dancer.yaw_rad:
            yaw = rotations.about_y(dancer.yaw_rad)
            root[i], turned[i, 0] = rotations.rotate(yaw, root[i]), rotations.multiply(yaw, turned[i, 0])
        if dancer.x_m or dancer.z_m:
            root[i] += (dancer.x_m, 0.0, dancer.z_m)
    joints = skeleton.forward_kinematics(root, turned)
    for made_here in (root, turned, joints, origin, hands, contact):
        made_here.flags.writeable = False  # else the record would copy them
    out, stop = [], 0
    for at in seen:
        start, stop = stop, stop + len(at.dancers)
        out.append(
            PoseFrame(
                t_s=at.t_s,
                beat_position=at.beat_position,
                dance_position=at.dance_position,
                root_position_m=root[start:stop],
                joint_rotations_wxyz=turned[start:stop],
                joint_positions_m=joints[start:stop],
                origin=origin[start:stop],
                hands=hands[start:stop],
                foot_contact=contact[start:stop],
            )
        )
    return out
