"""Genres of bands and songs, odd and compound metres among them."""

from __future__ import annotations

from typing import Final

from livedance.training.beat_music.genre import Genre
from livedance.training.beat_music.pools import BACKBEAT, BAND_BASS, BAND_COMP, BROKEN_KICKS, STRAIGHT_HATS

_ROCK_KICKS: Final = (
    "k:x.......x.......", "k:x.......x.x.....", "k:x.....x.x.......", "k:x..x....x.......", "k:x.x.....x.x...x.",
    "k:x.......xx......", "k:x...x...x...x...", "k:x..x..x.x.......", "k:x.........x.....",
)  # fmt: skip
_ROCK_SNARES: Final = (
    "s:....x.......x...", "s:....X.......X...", "s:....x..g.g..x...", "r:....x.......x...", "s:....x.......x.g.",
    "s:....x.......x... m:....x.......x...", "s:..x...x...x...x.", "s:x...x...x...x...",
)  # fmt: skip

BAND: Final[dict[str, Genre]] = {
    "pop": Genre(
        bpm=(76, 140), kick=(*_ROCK_KICKS, "k:x...x...x...x..."), snare=BACKBEAT, hats=STRAIGHT_HATS,
        perc=("m:....x.......x...", "e:xoxoxoxoxoxoxoxo", "c:....x.......x..."), bass=BAND_BASS, comp=BAND_COMP,
        comp_parts=("chord", "guitar"), spread_ms=(0.0, 5.0), modes=("major", "major", "minor"), song=True,
        weight=2.5,
    ),
    "rock": Genre(
        bpm=(84, 170), kick=_ROCK_KICKS, snare=_ROCK_SNARES[:6],
        hats=(*STRAIGHT_HATS, "o:x.x.x.x.x.x.x.x.", "y:x...x...x...x..."), bass=BAND_BASS, comp=BAND_COMP,
        comp_parts=("guitar", "guitar", "chord"), spread_ms=(2.0, 9.0),
        modes=("major", "minor", "mixolydian", "blues"), sevenths=0.1, song=True, live=True, arps=0.2, weight=2.0,
    ),
    "punk": Genre(
        bpm=(150, 200), kick=("k:x...x...x...x...", "k:x.....x.x.......", "k:x.x...x.x.x...x."),
        snare=("s:....x.......x...", "s:..x...x...x...x."),
        hats=("o:x...x...x...x...", "d:x.x.x.x.x.x.x.x.", "h:x.x.x.x.x.x.x.x."),
        bass=("1.1.1.1.1.1.1.1.", "1---1---1---1---"),
        comp=("x-x-x-x-x-x-x-x-", "x---x---x---x---", "x-------x-------"), comp_parts=("guitar",),
        spread_ms=(3.0, 10.0), modes=("major", "minor"), sevenths=0.0, song=True, live=True, arps=0.0,
    ),
    "metal": Genre(
        bpm=(90, 200),
        kick=(
            "k:xxxxxxxxxxxxxxxx", "k:x.xxx.xxx.xxx.xx", "k:x..x..x..x..x.x.", "k:x.x.x.x.x.x.x.x.",
            "k:xx..xx..x.xx..x.",
        ),
        snare=("s:....x.......x...", "s:........x.......", "s:..x...x...x...x."),
        hats=("y:x...x...x...x...", "d:x...x...x...x...", "d:x.x.x.x.x.x.x.x."),
        bass=("1111111111111111", "1.111.111.111.11", "1..1..1..1..1.1."),
        comp=("x.xxx.xxx.xxx.xx", "x..x..x..x..x.x.", "x-------x-x-x-x-"), comp_parts=("guitar",),
        spread_ms=(1.0, 6.0), modes=("phrygian", "minor"), sevenths=0.0, song=True, live=True, arps=0.0,
    ),
    "motorik": Genre(
        bpm=(120, 165), kick=("k:x.x...x.x.x...x.", "k:x...x...x...x..."), snare=("s:....x.......x...",),
        hats=("h:x.x.x.x.x.x.x.x.", "h:xoxoxoxoxoxoxoxo", "d:x.x.x.x.x.x.x.x."),
        bass=("1.1.1.1.1.1.1.1.", "1---1---1---1---"), comp=("x---------------", "x-x-x-x-x-x-x-x-"),
        comp_parts=("guitar", "chord"), spread_ms=(1.0, 6.0), modes=("major", "mixolydian"), live=True, arps=0.6,
    ),
    "funk": Genre(
        bpm=(88, 124), kick=("k:x.x.......x..x..", "k:x..x..x...x.....", "k:x......x..x..x..", "k:x.x...x..x......"),
        snare=("s:....X..g.g.gX..g", "s:....X..g.g..X..g", "s:....x.g..g.gx.g.", "s:....X.......X..."),
        hats=(
            "h:xoxoxoxoxoxoxoxo", "h:x.x.x.x.x.x.x.x. o:......x.........", "h:xxxxxxxxxxxxx.xx o:.............x..",
            "h:x.xxx.xxx.xxx.xx",
        ),
        perc=("n:x..xx.x.x..xx.xx", "b:x...x...x...x...", "m:....x.......x..."),
        bass=("1..1..8.5.7.1...", "1-...1.81..5.78.", "1.1...7.8.....57", ".1.11..8..5.7.8.", "1......1.8.57..."),
        comp=("..xx..x...xx..x.", "x..x..x...x..x..", "xx.xx.x.xx.xx.x.", "....x.......x...", "..............x."),
        comp_parts=("guitar", "chord"), swing=(0.5, 0.58), spread_ms=(2.0, 8.0),
        modes=("dorian", "mixolydian", "blues"), sevenths=0.9, song=True, live=True, weight=1.5,
    ),
    "soul": Genre(
        bpm=(68, 120), kick=(*_ROCK_KICKS[:6], *BROKEN_KICKS[:3]), snare=(*_ROCK_SNARES[:6], "s:x...x...x...x..."),
        hats=STRAIGHT_HATS, perc=("m:....x.......x...", "m:x.x.x.x.x.x.x.x.", "n:..x...xx..x...xx"),
        bass=("1-----5-8---5-3-", "1..1..5-8-..5.7.", "1---3---5---6---", *BAND_BASS[:4]),
        comp=(*BAND_COMP, "....x.......x..."), comp_parts=("chord", "guitar"), swing=(0.5, 0.6),
        spread_ms=(3.0, 10.0), modes=("major", "dorian", "minor"), sevenths=0.9, song=True, live=True, weight=1.5,
    ),
    "rnb": Genre(
        bpm=(60, 110), kick=BROKEN_KICKS, snare=BACKBEAT, hats=(*STRAIGHT_HATS, "h:x.x.x.r.x.x.xxt."),
        bass=("1-----1-........", "1--..1....1-.5..", "1-------....8---"),
        comp=("x---------------", "x-----x---------", "x..x..x........."), swing=(0.5, 0.62), spread_ms=(0.0, 9.0),
        modes=("minor", "dorian", "major"), sevenths=1.0, song=True, weight=1.5,
    ),
    "country": Genre(
        bpm=(84, 180), kick=("k:x.......x.......", "k:x...x...x...x..."),
        snare=("s:ggxgggxgggxgggxg", "s:....x.......x...", "s:..x...x...x...x.", "r:....x.......x..."),
        hats=STRAIGHT_HATS[:4], bass=("1-------5-------", "1---....5---....", "1-------5---6-7-"),
        comp=("....x.......x...", "..x...x...x...x.", "x.x-x.xxx.x-x.xx"), comp_parts=("guitar", "chord"),
        spread_ms=(2.0, 9.0), modes=("major", "mixolydian"), sevenths=0.1, song=True, live=True,
    ),
    "ballad": Genre(
        bpm=(60, 84), kick=_ROCK_KICKS, snare=_ROCK_SNARES[:6], hats=STRAIGHT_HATS,
        bass=("1---------------", "1-------1-------", "1-----1-5-------"),
        comp=("x---x---x---x---", "x---------------", "x-x-x-x-x-x-x-x-"), comp_parts=("chord", "guitar"),
        spread_ms=(2.0, 10.0), modes=("major", "minor"), song=True, live=True, arps=0.6,
    ),
    "shuffle": Genre(
        bpm=(70, 150), steps=3, kick=("k:x.....x.....", "k:x..x..x..x..", "k:x....xx.....", "k:x.....x.x..."),
        snare=("s:...x.....x..", "s:...x.g...x.g", "c:...x.....x.."),
        hats=("h:x.xx.xx.xx.x", "d:x.xx.xx.xx.x", "h:xgxxgxxgxxgx", "h:x..x..x..x..", "h:..x..x..x..x"),
        perc=("m:...x.....x..", "b:x..x..x..x.."),
        bass=("1.13.35.56.6", "1..1..1..1..", "1.11.11.11.1", "1-.5-.1-.5-.", "1-15-51-15-5"),
        comp=("x.xx.xx.xx.x", "...x.....x..", "..x..x..x..x", "x-----x-----", "x-----------"),
        comp_parts=("guitar", "chord"), spread_ms=(1.0, 9.0), modes=("blues", "mixolydian", "minor"), sevenths=0.7,
        song=True, live=True, weight=2.0,
    ),
    "swing": Genre(
        bpm=(90, 200), kick=("k:o...o...o...o...", "k:g...g...g...g...", "k:x.........g.....", "k:x.......x......."),
        snare=("s:g...g...g...g...", "s:......g.....g...", "r:....x.......x...", "r:............x..."),
        hats=("d:x...x.x.x...x.x. p:....x.......x...", "h:x...x.x.x...x.x.", "d:x...x...x...x... p:....x.......x..."),
        bass=("1---3---5---6---", "1---2---3---5---", "1---5---6---7---", "8---7---5---3---"),
        comp=("x.....x.........", "......x.......x.", "x---------------", "..x.......x.....", "x...x...x...x..."),
        comp_parts=("chord", "guitar"), shuffle=(0.56, 0.68), spread_ms=(3.0, 10.0),
        modes=("major", "dorian", "mixolydian"), sevenths=1.0, song=True, live=True, arps=0.1, weight=1.5,
    ),
    "slow-blues": Genre(
        bpm=(60, 84), steps=3, kick=("k:x.....x.....", "k:x....xx....."), snare=("s:...x.....x..", "s:...X....gX.."),
        hats=("h:xxxxxxxxxxxx", "d:xoxxoxxoxxox"), bass=("1-----5-----", "1-.3-.5-.6-.", "1--.-11--.-5"),
        comp=("xxxxxxxxxxxx", "x-----------", "...x.....x..", "x--x--x--x--"), comp_parts=("chord", "guitar"),
        spread_ms=(3.0, 12.0), modes=("blues", "minor"), sevenths=0.8, song=True, live=True,
    ),
    "waltz": Genre(
        bpm=(80, 190), meter=3, kick=("k:x...........", "k:x...x...x...", "k:x.........x."),
        snare=("s:....x...x...", "s:........x...", "r:....x...x...", "s:....g...x..."),
        hats=("h:x...x...x...", "h:x.x.x.x.x.x.", "d:x...x.x.x...", "d:x...x...x...", "e:xoxoxoxoxoxo"),
        perc=("m:....x...x...",),
        bass=("1-----------", "1---5---5---", "1...........", "1-------5---", "1---3---5---"),
        comp=("....x...x...", "x-----------", "x---x---x---", "x-x-x-x-x-x-", "..x...x...x."),
        comp_parts=("chord", "guitar"), shuffle=(0.5, 0.64), spread_ms=(1.0, 9.0),
        modes=("major", "minor", "harmonic-minor"), song=True, live=True, arps=0.3, weight=1.5,
    ),
    "three-four-beat": Genre(
        bpm=(80, 170), meter=3, kick=("k:x.....x.....", "k:x..x..x.....", "k:x...x...x...", "k:x.x.....x..."),
        snare=("s:....x.......", "s:........x...", "c:....x...x...", "s:......x....."),
        hats=("h:x.x.x.x.x.x.", "h:xgxgxgxgxgxg", "o:..x...x...x."), perc=("q:..x..x..x..x",),
        bass=("1--1--1--1--", "1---------..", "..1...1...1.", "1-..1-..5-.."),
        comp=("x--x--x--x--", "x-----------", "..x...x...x."), modes=("minor", "dorian"), arps=0.6,
    ),
    "six-eight": Genre(
        bpm=(60, 96), meter=2, steps=6, kick=("k:x...........", "k:x.........x.", "k:x....x......"),
        snare=("s:......x.....", "r:......x.....", "s:......X...g."),
        hats=("h:x.x.x.x.x.x.", "h:xgxgxgxgxgxg", "d:x.x.x.x.x.x."), perc=("m:......x.....", "e:xoxoxoxoxoxo"),
        bass=("1-----1-----", "1-----------", "1---1-5---5-", "1.....5.3.1."),
        comp=("x-x-x-x-x-x-", "x-----x-----", "x-----------", "x-..x-x-..x-"), comp_parts=("chord", "guitar"),
        spread_ms=(1.0, 9.0), modes=("major", "minor"), song=True, live=True, arps=0.7, weight=1.5,
    ),
    "twelve-eight": Genre(
        bpm=(60, 130), steps=3, kick=("k:x.....x.....", "k:x....xx....x"), snare=("s:...x.....x..", "s:......x....."),
        hats=("h:xxxxxxxxxxxx", "h:xooxooxooxoo", "d:x.xx.xx.xx.x", "e:xxxxxxxxxxxx"),
        perc=("b:x.x.xx.x.x.x", "n:x..x.xx..x.x"), bass=("1-----1-----", "1.11.11.11.1", "1--5--8--5--"),
        comp=("x--x--x--x--", "xxxxxxxxxxxx", "x-----------"), comp_parts=("chord", "guitar"), spread_ms=(1.0, 9.0),
        modes=("major", "minor", "dorian"), song=True, live=True, arps=0.5,
    ),
    "five-four": Genre(
        bpm=(90, 185), meter=5, kick=("k:x.....x.....x.......", "k:x...........x.......", "k:x...x...x...x...x..."),
        snare=("s:........x.......x...", "s:....x...........x...", "r:....x.......x...x..."),
        hats=("d:x...x.x.x...x.x.x...", "h:x.x.x.x.x.x.x.x.x.x.", "h:x...x...x...x...x..."),
        bass=("1-----5-----1---5---", "1-----------1-------", "1...1...1...5...5..."),
        comp=("x-----x-----x---x---", "x-----------x-------", "x-------------------"), comp_parts=("chord", "guitar"),
        shuffle=(0.5, 0.66), spread_ms=(1.0, 8.0), modes=("dorian", "minor", "major"), sevenths=0.7, live=True,
        weight=0.5,
    ),
    "seven-four": Genre(
        bpm=(100, 190), meter=7, kick=("k:x.......x.......x...........", "k:x...x...x...x...x...x...x..."),
        snare=("s:....x.......x.......x...x...", "s:........x...........x......."),
        hats=("h:x.x.x.x.x.x.x.x.x.x.x.x.x.x.", "d:x...x...x...x...x...x...x..."),
        bass=("1-------1-------5-----------", "1...1...1...1...5...5...5..."),
        comp=("x-------x-------x-----------", "x---x---x---x---x---x---x---"), spread_ms=(0.0, 6.0),
        modes=("dorian", "minor"), live=True, weight=0.3,
    ),
    "march": Genre(
        bpm=(90, 140), kick=("k:x...x...x...x...", "k:x.......x......."),
        snare=("s:..x...x...x...x.", "s:x.xxx.x.x.xxx.xx", "s:..xx..xx..xxxxxx"),
        hats=("y:x.......x.......", "h:....x.......x..."), bass=("1---5---1---5---", "1...5...1...5..."),
        comp=("..x...x...x...x.", "....x.......x...", "x---------------"), spread_ms=(2.0, 10.0), modes=("major",),
        sevenths=0.0, song=True, live=True, weight=0.5,
    ),
}  # fmt: skip
"""Name -> genre."""
