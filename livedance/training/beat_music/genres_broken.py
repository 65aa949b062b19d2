"""Genres with broken beats: hip-hop to drum and bass. Tempi as DJs count them.

Where the backbeat can fall on 2 and 4 it does (boom-bap 90, drum and bass 174, footwork 160, garage 132). Trap, drill,
dubstep, halfstep and future bass keep the DJ's number (140, 142, 140, 172, 145) with the snare on beat 3.
"""

from __future__ import annotations

from typing import Final

from livedance.training.beat_music.genre import Genre
from livedance.training.beat_music.pools import (
    BACKBEAT,
    BROKEN_KICKS,
    CLUB_COMP,
    CLUB_HATS,
    CLUB_PERC,
    HALF_SNARE,
    STRAIGHT_HATS,
)

_TRAP_HATS: Final = (
    "h:x.x.x.x.x.x.x.x.",
    "h:x.x.x.r.x.x.t.x.",
    "h:xxxxxxxxxxxxrrxx",
    "h:x.x.x.x.x.xxtttt",
    "h:x..x..x.x..x..x.",
    "h:x...x...x...x... o:..............x.",
    "h:xgxgxgrgxgxgxgtg",
)
_808: Final = (
    "1-----------....",
    "1-----....1-----",
    "1--1-.....1---..",
    "1---------1--5--",
    "1..1......1--8--",
    "1-------....1---1-----....5---..",
)

BROKEN: Final[dict[str, Genre]] = {
    "boom-bap": Genre(
        bpm=(78, 104), kick=(*BROKEN_KICKS, "k:x......xx.......", "k:x.x....x.xx....."), snare=BACKBEAT,
        hats=STRAIGHT_HATS, perc=("b:......x.......x.", "m:....x.......x...", "q:...x......x....."),
        bass=("1..1......1..5..", "1-----1-..5-....", "1--...1-8-....5-"),
        comp=("x-------........", "x..x......x.....", "..x...x...x...x.", "x-----x---......"),
        comp_parts=("chord", "guitar"), swing=(0.52, 0.66), spread_ms=(1.0, 9.0), modes=("minor", "dorian"),
        sevenths=0.8, weight=2.0,
    ),
    "lofi": Genre(
        bpm=(66, 92), kick=BROKEN_KICKS, snare=("s:....x.......x...", "r:....x.......x..g", "s:....x..g.g..x..."),
        hats=STRAIGHT_HATS[:6], bass=("1-----1-5-------", "1---....5---....", "1--...1-........"),
        comp=("x---------------", "x-----x---------", "x..x....x.......", "x-------x-----x-"), swing=(0.54, 0.67),
        spread_ms=(3.0, 14.0), modes=("minor", "dorian", "major"), sevenths=1.0,
    ),
    "trap": Genre(
        bpm=(126, 156),
        kick=(
            "k:x.........x.....", "k:x.....x...x.....", "k:x..x......x..x..", "k:x.............x.",
            "k:x......x..x.....",
        ),
        snare=HALF_SNARE, hats=_TRAP_HATS, perc=("q:..............x.", "r:......x..x......", "b:x...........x..."),
        bass=_808, comp=("x---------------", "x-------x-------", "x.....x.....x..."),
        modes=("minor", "phrygian", "harmonic-minor"), sevenths=0.1, arps=0.5, weight=2.0,
    ),
    "drill": Genre(
        bpm=(136, 148), kick=("k:x.....x.....x...", "k:x..x......x..x..", "k:x.....x..x......"),
        snare=("s:........x.....x.........x...x...", "s:........x......x", "c:........x.....x."),
        hats=("h:x..x..x.x..x..x.", "h:x..x..x.x.xx.tx.", *_TRAP_HATS[:3]),
        bass=("1----..1--1-----", "1--5--......8---", "1-----1-....3---"),
        comp=("x---------------", "x.....x.........", "x..x..x...x..x.."),
        modes=("minor", "harmonic-minor", "phrygian"), arps=0.5,
    ),
    "phonk": Genre(
        bpm=(110, 150), kick=("k:x..x..x...x.x...", "k:x.....x.x.....x.", "k:x...x...x...x..."),
        snare=("c:....x.......x...", "s:........x......."), hats=_TRAP_HATS,
        perc=("b:x.xx.xx.x.xx.xx.", "b:x..x..x.x..x.x.x", "b:x.x.xxx.x.x.xx.x"), bass=_808,
        comp=("x---------------", "x..x..x........."), modes=("minor", "phrygian"), sevenths=0.0,
    ),
    "dubstep": Genre(
        bpm=(136, 146),
        kick=(
            "k:x...............", "k:x.........x.....", "k:x..x............", "k:x.....x.......x.",
            "k:x.............x.x..........x....",
        ),
        snare=HALF_SNARE, hats=(*STRAIGHT_HATS[:5], "h:x..x..x..x..x.x.", "h:....x..x....x..x"), perc=CLUB_PERC[:5],
        bass=(
            "1---------------", "1-1-1-..1-1-1---", "1--1--1--1--1-1-", "1-----..1.1.1...", "..1---..1-1-1---",
            "1.1.11..1--1--1-",
        ),
        comp=("x---------------", "..x...x...x...x.", "x.............x."), modes=("minor", "phrygian"), arps=0.3,
        weight=1.5,
    ),
    "halfstep": Genre(
        bpm=(160, 178), kick=("k:x...............", "k:x.....x.........", "k:x.........x.....", "k:x..x..........x."),
        snare=HALF_SNARE, hats=(*STRAIGHT_HATS[:5], "h:x..x..x..x..x...", "h:..x...x...x...x."), perc=CLUB_PERC[:5],
        bass=("1---------------", "1-----1---......", "1--1----..1-----"),
        comp=("x---------------", "x.....x........."), modes=("minor", "phrygian"), swing=(0.5, 0.58),
    ),
    "drum-and-bass": Genre(
        bpm=(165, 180),
        kick=("k:x.........x.....", "k:x.........x..x..", "k:x..x......x.....", "k:x.........x.....x..x......x....."),
        snare=(
            "s:....x.......x...", "s:....X..g.g..X..g", "s:....x..g....x...", "s:....x.......x... c:....x.......x...",
        ),
        hats=(
            "h:x.x.x.x.x.x.x.x.", "d:x.x.x.x.x.x.x.x.", "h:xoxoxoxoxoxoxoxo", "d:x...x...x...x... e:xoxoxoxoxoxoxoxo",
            "h:x.xxx.xxx.xxx.xx", "h:..x...x...x...x.",
        ),
        perc=CLUB_PERC[:6],
        bass=(
            "1---------------", "1---------1-----", "1--1--1-..1-5---", "1-------1---5---", "1.11..1.1.11..8.",
            "1-----1--1------",
        ),
        comp=("x---------------", "x..x............", "x.....x...x....."), modes=("minor", "phrygian", "dorian"),
        weight=2.5,
    ),
    "jungle": Genre(
        bpm=(155, 176), kick=("k:x.x.......xx....", "k:x.x.......xx....x.x.......x.....", "k:x.....x...x..x.."),
        snare=(
            "s:....x..g.g..x..g", "s:....x..x.x..x..x", "s:....x..g.g..x..g....x..g.g....x.",
            "s:....x..x....x.x...x.x..x....x...",
        ),
        hats=("d:x.x.x.x.x.x.x.x.", "h:x.x.x.x.x.x.x.x. o:..........x.....", "h:x.xxx.xxx.xxx.xx"),
        perc=("n:..x..x..x..x..x.", "n:x.xx.x..x.xx.x.x", "1:......x.......x."),
        bass=("1-----..1-..5---", "1--..1-...3-....", "1---------------", "1.....1...5.8..."),
        comp=("..x...x...x...x.", "x---------------", "x.....x........."), spread_ms=(0.0, 5.0),
        modes=("minor", "dorian"), sevenths=0.6, weight=1.5,
    ),
    "breakbeat": Genre(
        bpm=(118, 142), kick=(*BROKEN_KICKS, "k:x.x.......xx...."),
        snare=("s:....x.......x...", "s:....x..g.g..x..g", "s:....x..x....x...", "c:....x.......x..x"),
        hats=STRAIGHT_HATS, perc=CLUB_PERC,
        bass=("1.1...1...1.5...", "1--1--1-..1.....", ".1.1..11.1.1..18", "1---------------"), comp=CLUB_COMP,
        swing=(0.5, 0.58), spread_ms=(0.0, 5.0), modes=("minor", "dorian"), weight=1.5,
    ),
    "big-beat": Genre(
        bpm=(100, 134), kick=("k:x.x...x...x.....", "k:x.....x.x.......", "k:x...x...x...x..."), snare=BACKBEAT,
        hats=STRAIGHT_HATS, perc=("m:xoxoxoxoxoxoxoxo", "b:x...x...x...x...", "n:x..xx.x.x..xx.x."),
        bass=("1.1.1.1.1.1.1.1.", "1..1..3..1..5...", "11..11..1.1.8..."), comp=CLUB_COMP,
        comp_parts=("guitar", "chord"), spread_ms=(0.0, 6.0), modes=("minor", "blues", "dorian"),
    ),
    "uk-garage": Genre(
        bpm=(126, 138), kick=("k:x.........x.....", "k:x......x..x.....", "k:x..x......x.....", "k:x.........x..x.."),
        snare=(
            "s:....x.......x...", "c:....x.......x... r:...x..x....x....", "s:....x.......x..g", "r:....x.......x..x",
        ),
        hats=(
            "h:..x...x...x...x.", "h:.xx..xx..xx..xx.", "h:xx.xxx.xxx.xxx.x", "o:..x...x...x...x. e:xoxoxoxoxoxoxoxo",
            "h:x.x.x.xx.xx.x.x.",
        ),
        perc=CLUB_PERC, bass=("1..1..1...1..3..", "...1..5..1......", "1-......1--1..8.", "..1--.1...1--.5."),
        comp=("...x..x...x.....", "..x..x..........", "x..x..x...x..x..", "......x...x..x.."), swing=(0.55, 0.68),
        modes=("minor", "dorian"), sevenths=0.8, weight=2.0,
    ),
    "speed-garage": Genre(
        bpm=(128, 142), kick=("k:x...x...x...x...", "k:x...x...x...x..x"),
        snare=("c:....x.......x...", "s:...x......x..x..", "s:....x..x....x..x"), hats=CLUB_HATS, perc=CLUB_PERC,
        bass=("1--1--1-..1---8-", "..1-..1-..1-5-1-", "1---....3---...."), comp=CLUB_COMP, swing=(0.54, 0.66),
        modes=("minor",), sevenths=0.5,
    ),
    "footwork": Genre(
        bpm=(150, 165),
        kick=(
            "k:x..x..x..x..x..x", "k:x..x..x.x..x..x.", "k:x.....x.....x...", "k:xx.x..x.x..x..x.",
            "k:x..x..x...x..x..",
        ),
        snare=("c:............x...", "s:......x.......x.", "c:....x.......x...", "s:........x...x..."),
        hats=("h:..x...x...x...x.", "h:x.x.x.x.x.x.x.x.", "o:..x...x...x...x.", "h:t...x...t...x..."),
        perc=("r:x..x..x..x..x..x", "1:..x..x.xx..x..x.", "c:x.xx.xx.x.xx.xx."),
        bass=("1..1..1..1..1..1", "1-----1-----1---", "1---------------"),
        comp=("x..x..x..x..x..x", "x.....x.....x...", "x---------------"), modes=("minor", "dorian"), sevenths=0.8,
        arps=0.5,
    ),
    "downtempo": Genre(
        bpm=(62, 98), kick=BROKEN_KICKS, snare=BACKBEAT, hats=STRAIGHT_HATS, perc=CLUB_PERC,
        bass=("1-------....5---", "1---------------", "1--..1-...5-...."),
        comp=("x---------------", "x-----x---------", "..x.....x......."), swing=(0.5, 0.6), spread_ms=(0.0, 6.0),
        modes=("minor", "dorian", "major"), sevenths=0.8, arps=0.6, weight=1.5,
    ),
    "future-bass": Genre(
        bpm=(130, 160), kick=("k:x.........x.....", "k:x..x......x.....", "k:x.....x...x..x.."), snare=HALF_SNARE,
        hats=_TRAP_HATS, perc=CLUB_PERC[:3], bass=("1--1--1-..1--1--", "1---------------", "1-1-..1-1-..1-1-"),
        comp=("x--x--x-..x--x--", "x-x-..x-x-..x-x-", "x.xx.xx.x.xx.xx."), modes=("major", "minor"), sevenths=0.9,
        arps=0.6,
    ),
    "idm": Genre(
        bpm=(70, 170), kick=(*BROKEN_KICKS, "k:x..x.x....?x..x.?.x..x....x?..x."),
        snare=("s:....x.....?.x.t.", "s:....x..r....x...", "s:......x..g....x.", "r:....x.....x...x."),
        hats=("h:x.xrx..tx.x?xr.x", "h:?x?x?x?xrx?x?xtx", *_TRAP_HATS), perc=CLUB_PERC,
        bass=("1..1....5..3....", "1---------------", ".1..5..1...8.3.."),
        comp=("x---------------", "..x....x....x..."), modes=("minor", "dorian", "lydian"), sevenths=0.6, arps=0.7,
    ),
    "baile-funk": Genre(
        bpm=(126, 150), kick=("k:x..x....x..x....", "k:x...x...x...x..."),
        snare=("c:...x..x....x..x.", "s:....x..x....x.x.", "1:...x..x....x..xx"), hats=CLUB_HATS[:4],
        perc=("n:x..x..x.x..x..x.", "q:..x.x..x..x.x.x.", "1:x..x..x...x.x... 3:......x.......x."),
        bass=("1..1..1...1.1...", "1---------------"), comp=CLUB_COMP, modes=("minor", "phrygian"),
    ),
}  # fmt: skip
"""Name -> genre."""
