"""Dances of the Caribbean, Latin America, Africa and India; last a groove of nowhere.

Reggae is counted so that the drop falls on 2 and 4 (60-95 BPM).
"""

from __future__ import annotations

from typing import Final

from livedance.training.beat_music.genre import Genre
from livedance.training.beat_music.pools import CLUB_COMP, STRAIGHT_HATS

_CLAVES: Final = (
    "r:x..x..x...x.x...", "r:..x.x...x..x..x.", "r:x..x...x..x.x...", "r:x..x..x...x..x..",
    "r:x..x..x.....x.....x.x...x..x..x.",
)  # fmt: skip
_SHAKERS: Final = ("e:xoxoxoxoxoxoxoxo", "e:xooxxooxxooxxoox", "e:oxoxoxoxoxoxoxox", "m:x.x.x.x.x.x.x.x.")
_TUMBAO: Final = (
    "......5-....8---", "1-----5-....8---", "...1--5-...1--8-", "1-....5-....1-..", "......1-....5-..",
)  # fmt: skip
_MONTUNO: Final = ("x.xx.xx.x.xx.xx.", "x..x..x.x..x..x.", "x.x.xx.x.x.xx.x.", ".x.xx.x.x.x.xx.x")

WORLD: Final[dict[str, Genre]] = {
    "reggaeton": Genre(
        bpm=(84, 108), kick=("k:x...x...x...x...", "k:x.......x......."),
        snare=(
            "s:...x..x....x..x.", "s:...x..x....x..x. c:......x.......x.", "r:...x..x....x..x.",
            "s:...x..x....x..x....x..x....x.xx.",
        ),
        hats=("h:x.x.x.x.x.x.x.x.", "h:..x...x...x...x.", *_SHAKERS[:2]),
        perc=("q:x..x..x.x..x..x.", "n:......x...x.x..."),
        bass=("1-.1..1-1-.1..1-", "1-----1-..5-....", "1..1..1.1..1..8.", "1---------------"),
        comp=("x..x..x.x..x..x.", "..x...x...x...x.", "x---------------", "x--x--x---------"),
        modes=("minor", "harmonic-minor"), weight=2.0,
    ),
    "moombahton": Genre(
        bpm=(106, 114), kick=("k:x...x...x...x...", "k:x..xx...x..xx..."),
        snare=("s:...x..x....x..x.", "s:...x..x....x..xx"), hats=("h:x.x.x.x.x.x.x.x.", "o:..x...x...x...x."),
        perc=("n:x..x..x.x..x..x.",), bass=("1-.1..1-1-.1..1-", "1.....1...1....."), comp=CLUB_COMP,
        modes=("minor", "phrygian"),
    ),
    "dancehall": Genre(
        bpm=(80, 112), kick=("k:x..x..x...x.....", "k:x..x......x.....", "k:x..x..x........."),
        snare=("s:......x.......x.", "s:...x..x....x..x.", "s:............x...", "r:......x.......x."),
        hats=("h:x.x.x.x.x.x.x.x.", "h:..x...x...x...x.", *_SHAKERS),
        perc=("q:..x..x....x..x..", "r:x..x..x...x.x..."),
        bass=("1..1..1.........", "1--1--1---5-....", "1-----....8-5-.."),
        comp=("..x...x...x...x.", "....x.......x...", "x---------------"), modes=("minor", "major"), weight=1.5,
    ),
    "afrobeats": Genre(
        bpm=(94, 120), kick=("k:x...x...x...x...", "k:x.....x...x.....", "k:x..x....x..x....", "k:x.......x..x...."),
        snare=(
            "r:x..x..x...x.x...", "s:...x..x....x..x.", "r:...x...x..x.....", "r:......x...x.....",
            "c:......x.......x.",
        ),
        hats=(*_SHAKERS, "h:x.xxx.xxx.xxx.xx", "h:..x...x...x...x."),
        perc=("n:..x..xx...x..xx.", "n:x..x..xx.x.x..x.", "b:x..x..x.x.x..x.x"),
        bass=("1..1......1..5..", "1-....1-..5-....", "..1..1....1..8.."), comp=(*CLUB_COMP[:6], "x..x..x...x.x..."),
        comp_parts=("guitar", "chord"), swing=(0.5, 0.58), spread_ms=(0.0, 6.0), modes=("major", "minor", "dorian"),
        weight=1.5,
    ),
    "afrobeat": Genre(
        bpm=(96, 132), kick=("k:x..x..x.....x...", "k:x.x...x.....x...", "k:x.......x..x...."),
        snare=("s:....x..g..x.g...", "s:...gx..x.g..x..g", "r:x..x..x...x.x..."),
        hats=("h:x.xxx.xxx.xxx.xx", "h:x.x.x.xxx.x.x.xx", *_SHAKERS),
        perc=("n:x..x..xx.x.x..x.", "b:x.x.x..x.x.x.x.."),
        bass=("1..1..5...7.8...", "1.1...5.7.......", "..1.1..5..7.8..."),
        comp=("..x...x...x...x.", ".xx..xx..xx..xx.", "x..x..x...x.x..."), comp_parts=("guitar", "chord"),
        spread_ms=(2.0, 9.0), modes=("dorian", "mixolydian"), sevenths=0.8, live=True, weight=0.7,
    ),
    "bembe": Genre(
        bpm=(84, 132), steps=3, kick=("k:x.....x.....", "k:x..x..x..x.."),
        snare=("r:x.x.xx.x.x.x", "s:...x.....x..", "r:..x..x..x..x"),
        hats=("e:xooxooxooxoo", "e:x.xx.xx.xx.x", "h:x..x..x..x.."),
        perc=("n:x.xx..x.xx..", "n:xo.xo.xo.xo. 1:..x.....x...", "b:x.x.x..x.x.."),
        bass=("1-.5-.8-.5-.", "..1-.5..1-.8", "1-----5-----"), comp=("x.x.xx.x.x.x", "x-----------", "..x..x..x..x"),
        comp_parts=("guitar", "chord"), spread_ms=(1.0, 8.0), modes=("dorian", "minor"), live=True,
    ),
    "reggae": Genre(
        bpm=(60, 95), kick=("k:....x.......x...", "k:x...x...x...x...", "k:....x.......x.x.", "k:x.......x......."),
        snare=("r:....x.......x...", "s:....x.......x...", "r:....x..?....x.g.", "r:.....g.x....x..."),
        hats=("h:..x...x...x...x.", "h:x.x.x.x.x.x.x.x.", "h:xgxgxgxgxgxgxgxg", "h:..x...x...x..xx."),
        perc=("n:..............xx", "b:x.......x.......", "q:......x........."),
        bass=("1-..1-5-..3-1-..", "..1-..3-5-..1-..", "1-----..1-5-8---", "....1-1-....5-3-", "1.1.3.5.....1.1."),
        comp=("..x...x...x...x.", "..xx..xx..xx..xx", "..x...x...x..xx."), comp_parts=("guitar", "chord"),
        swing=(0.5, 0.62), spread_ms=(1.0, 8.0), modes=("minor", "major", "dorian"), song=True, live=True, weight=2.0,
    ),
    "dub": Genre(
        bpm=(60, 82), kick=("k:....x.......x...", "k:x...x...x...x..."),
        snare=("r:....x.......x...", "s:....x.......x..t"), hats=("h:..x...x...x...x.", "h:x.x.x.x.x.x.x.x."),
        perc=("q:......x.......x.", "n:...x..x..x......"),
        bass=("1-..1-5-..3-1-..", "1---..3---..5---", "..1-..3-5-..1-.."),
        comp=("..x.............", "..x...x...x...x.", "......x........."), comp_parts=("guitar", "chord"),
        swing=(0.5, 0.6), spread_ms=(1.0, 6.0), modes=("minor", "dorian"), live=True,
    ),
    "ska": Genre(
        bpm=(120, 176), kick=("k:x...x...x...x...", "k:x.......x.......", "k:....x.......x..."),
        snare=("s:....x.......x...", "r:....x.......x..."), hats=("h:..x...x...x...x.", "h:x.x.x.x.x.x.x.x."),
        bass=("1---3---5---6---", "1---5---3---5---"), comp=("..x...x...x...x.",), comp_parts=("guitar", "chord"),
        spread_ms=(2.0, 9.0), modes=("major", "minor"), song=True, live=True,
    ),
    "salsa": Genre(
        bpm=(150, 200), kick=("k:......x.......x.", "k:x.....x.x.....x.", "k:..............x."), snare=_CLAVES,
        hats=("b:x...x...x...x...", "b:x.x.x.xxx.x.x.xx", "e:x.x.x.x.x.x.x.x.", "r:x.xxx.xxx.xxx.xx"),
        perc=("n:....x.......xx..", "n:x.o.x.oox.o.x.xx", "2:..............xx 3:............x..."), bass=_TUMBAO,
        comp=_MONTUNO, spread_ms=(2.0, 9.0), modes=("minor", "major", "mixolydian"), sevenths=0.5, live=True,
        song=True, arps=0.1, weight=1.5,
    ),
    "cha-cha": Genre(
        bpm=(104, 132), kick=("k:x...x...x...x...", "k:x.....x.x.....x."),
        snare=(*_CLAVES[:3], "s:............x.x.", "c:............x.x."),
        hats=("e:x.o.x.o.x.o.x.o.", "b:x...x...x...x...", "h:x.x.x.x.x.x.x.x."),
        perc=("n:o.o.x.o.o.o.x.x.", "n:....x.......x.x."), bass=("1-....5-1-....5-", *_TUMBAO[:2]),
        comp=("x.x.xx.x.x.xx.x.", "..x...x...x...x.", "....x.......x.x."), spread_ms=(1.0, 8.0),
        modes=("minor", "major"), live=True, song=True,
    ),
    "cumbia": Genre(
        bpm=(84, 112), kick=("k:x...x...x...x...", "k:x.......x......."),
        snare=("r:..x...x...x...x.", "s:..............x.", "r:....x.......x..."),
        hats=("e:x.xxx.xxx.xxx.xx", "e:x.xox.xox.xox.xo", "h:..x...x...x...x."),
        perc=("n:..x...x...x...xx", "b:x...x...x...x...", "1:......x.......x."),
        bass=("1-......5-..3-..", "1...5.3.1...5.3.", "1-------5---5---"),
        comp=("..x...x...x...x.", "....x.......x..."), comp_parts=("guitar", "chord"), spread_ms=(1.0, 8.0),
        modes=("minor", "major"), live=True, song=True,
    ),
    "merengue": Genre(
        bpm=(116, 170), kick=("k:x...x...x...x...",),
        snare=("s:x..xx.x.x.xxxxxx", "s:........x.xxx.xx", "n:x.x.xxx.x.x.xxxx"),
        hats=("e:x.xxx.xxx.xxx.xx", "e:xxxxxxxxxxxxxxxx"), bass=("1...5...1...5...", "1-..5-..1-..5-8-"),
        comp=_MONTUNO, spread_ms=(1.0, 8.0), modes=("major", "minor"), live=True, song=True,
    ),
    "bachata": Genre(
        bpm=(108, 140), kick=("k:x.......x.......", "k:............x...", "k:x...x...x...x..."),
        snare=("r:............x...", "1:............x.xx", "s:............x..."),
        hats=("e:x.xxx.xxx.xxx.xx", "n:x.xxx.xxx.xxx.xx"), bass=("1-----1-5-----..", "1---1---5-......"),
        comp=("x.x.x.x.x.x.x.x.", "x---------------"), comp_parts=("guitar",), spread_ms=(1.0, 8.0),
        modes=("minor", "major"), live=True, song=True, arps=0.7,
    ),
    "samba": Genre(
        bpm=(88, 132), kick=("k:x..ox..ox..ox..o", "k:o...x...o...x...", "1:....x.......x... k:x.......x......."),
        snare=("s:x.gxg.xgx.gxg.xg", "r:x.x..x.x.x.xx.x.", "r:x..x..x...x..x.."),
        hats=("e:xooxxooxxooxxoox", "m:xooxxooxxooxxoox", "h:xgxgxgxgxgxgxgxg"),
        perc=("b:x.x..x.x.x.xx.x.", "b:x..x.xx.x.x.x.x.", "n:..xx..x...xx..x."),
        bass=("1--11--11--15--5", "1--.5--.1--.5--.", "1--5---51--5---5"),
        comp=("x.x..x.x..x.x.x.", "x..x..x...x..x..", "..x..x....x..x.."), comp_parts=("guitar", "chord"),
        swing=(0.5, 0.57), spread_ms=(1.0, 8.0), modes=("major", "minor"), sevenths=0.9, live=True, weight=1.5,
    ),
    "bossa": Genre(
        bpm=(110, 160), kick=("k:x.....x.x.....x.", "k:x.......x......."), snare=_CLAVES[3:] + _CLAVES[:1],
        hats=("h:x.x.x.x.x.x.x.x.", "e:x.o.x.o.x.o.x.o."), bass=("1-----5-5-----1-", "1-----1-5-----5-"),
        comp=("x..x..x...x..x..", "x-....x-..x-....", "..x...x...x..x.."), comp_parts=("guitar", "chord"),
        spread_ms=(2.0, 9.0), modes=("major", "minor", "dorian"), sevenths=1.0, live=True, song=True,
    ),
    "kuduro": Genre(
        bpm=(126, 142), kick=("k:x..x..x.x..x..x.", "k:x...x...x...x..."),
        snare=("s:...x..x....x..x.", "s:x..x..x...x.x...", "c:....x.......x.xx"),
        hats=("h:x.x.x.x.x.x.x.x.", "e:xoxoxoxoxoxoxoxo"), perc=("1:..x..x..x..x..xx", "n:xx.xx.xxxx.xx.xx"),
        bass=("1..1..1.1..1..1.", "1---------------"), comp=CLUB_COMP, modes=("minor", "phrygian"),
    ),
    "bhangra": Genre(
        bpm=(90, 116), kick=("k:x.....x.x.......", "k:x...x...x...x..."),
        snare=("c:....x.......x...", "s:....x.......x..."), hats=_SHAKERS,
        perc=("n:x.xox.x.x.xox.x.", "n:x..xx.x..xx.x.x. 1:x.....x.x......."),
        bass=("1.....1.1.....8.", "1---------------"), comp=("..x...x...x...x.", "x---------------"),
        swing=(0.5, 0.64), spread_ms=(1.0, 6.0), modes=("phrygian", "minor", "mixolydian"),
    ),
    "tango": Genre(
        bpm=(104, 136), kick=("k:x..x..x...x.....", "k:x...x...x...x..."),
        snare=("r:x.....x.x...x...", "s:..............xx"), hats=("h:....x.......x...", "e:x...x...x...x..."),
        bass=("1--1--5-1--1--5-", "1---1---1---1---"),
        comp=("x...x...x...x...", "x--x--x-x--x--x-", "x..x..x...x....."), spread_ms=(2.0, 10.0),
        modes=("minor", "harmonic-minor"), live=True, song=True, weight=0.5,
    ),
    "free-groove": Genre(
        bpm=(60, 200), kick=("k:x..x..x...x.x...", "k:x?....?...x?..?.", "k:x...?..x?...x..?", "k:x....x....x....."),
        snare=("s:....x.?..?..x.?.", "s:..x..x..x..x..x.", "c:......x.....x...", "r:x.x..x.x.x.xx.x."),
        hats=(*STRAIGHT_HATS, "h:x..x..x..x..x..x", "h:x?x?x?x?x?x?x?x?"),
        perc=(*_CLAVES, "q:x..x..x..x..x..x..x..x..x..x..x."),
        bass=("1..1..1..1..1..1", "1...5..1...8..5.", "1---------------"),
        comp=("x..x..x..x..x..x", "..x..x..x.......", "x---------------"), swing=(0.5, 0.66), spread_ms=(0.0, 12.0),
        modes=("minor", "dorian", "lydian", "mixolydian", "phrygian"), sevenths=0.5, arps=0.6, weight=2.0,
    ),
}  # fmt: skip
"""Name -> genre."""
