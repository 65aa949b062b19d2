"""Genres with a kick on (nearly) every beat."""

from __future__ import annotations

from typing import Final

from livedance.training.beat_music.genre import Genre
from livedance.training.beat_music.pools import BACKBEAT, CLUB_BASS, CLUB_COMP, CLUB_HATS, CLUB_PERC, FOUR

_CLUB_MODES: Final = ("minor", "minor", "dorian", "phrygian")

CLUB: Final[dict[str, Genre]] = {
    "house": Genre(
        bpm=(118, 130), kick=FOUR, snare=BACKBEAT, hats=CLUB_HATS, perc=CLUB_PERC, bass=CLUB_BASS, comp=CLUB_COMP,
        swing=(0.5, 0.6), modes=("minor", "dorian", "major"), sevenths=0.6, weight=2.0,
    ),
    "deep-house": Genre(
        bpm=(112, 124), kick=FOUR, snare=(*BACKBEAT, "r:....x..x....x..x"), hats=CLUB_HATS, perc=CLUB_PERC,
        bass=("1--..1....1-.3..", "..1..1-...5..1..", "1-....1-..8.....", *CLUB_BASS[:4]),
        comp=("...x..x.........", "x-.....x-.......", "..x..x..........", "x--....x........", *CLUB_COMP[:4]),
        swing=(0.52, 0.62), modes=("minor", "dorian"), sevenths=0.9,
    ),
    "tech-house": Genre(
        bpm=(122, 130), kick=FOUR, snare=BACKBEAT, hats=CLUB_HATS, perc=CLUB_PERC,
        bass=("1..1.11...1.1.1.", ".1.1..1..1.1..18", "..1...11..1..1..", "1.1..1.11.1..1.8"), comp=CLUB_COMP,
        swing=(0.5, 0.58), modes=_CLUB_MODES, arps=0.3,
    ),
    "techno": Genre(
        bpm=(126, 150), kick=(*FOUR, "k:x...x...x...x... 1:.ooo.ooo.ooo.ooo"),
        snare=(*BACKBEAT, "c:............x...", "r:...x..x....x..x."), hats=CLUB_HATS,
        perc=(*CLUB_PERC, "q:..x.......x.x...", "r:x..x..x..x..x..x..x..x..x..x.x.."),
        bass=(".111.111.111.111", "..1...1...1...1.", ".1.1.1.1.1.1.1.1", "1---------------", "..11..11..11..11"),
        comp=("...x......x.....", "x.....x.....x...", "..x.............", "x..x..x..x..x..x..x..x..x..x..x."),
        modes=_CLUB_MODES, sevenths=0.1, weight=2.0,
    ),
    "hard-techno": Genre(
        bpm=(145, 175), kick=FOUR, snare=(*BACKBEAT, "c:....x..x....x.x."), hats=CLUB_HATS, perc=CLUB_PERC,
        bass=("..11..11..11..11", ".111.111.111.111", "..1...1...1...1."), comp=CLUB_COMP,
        modes=("minor", "phrygian"), sevenths=0.0,
    ),
    "minimal": Genre(
        bpm=(120, 130), kick=(*FOUR, "k:x...x...x..x...."),
        snare=("r:....x.......x...", "c:............x...", "r:...x..x.....x..?", "c:....x.......x..."),
        hats=("h:..x...x...x...x.", "h:.g.x.g.x.g.x.g.x", "e:.o.o.o.o.o.o.o.o", "h:..x.........x..."), perc=CLUB_PERC,
        bass=("1.....1.........", "...1..1.........", "1..........1..5.", "......1.......8."),
        comp=("......x.........", "x...............", "...x........x..."), swing=(0.5, 0.6), modes=_CLUB_MODES,
        arps=0.3,
    ),
    "disco": Genre(
        bpm=(105, 126), kick=FOUR, snare=BACKBEAT,
        hats=("o:..x...x...x...x. h:x.x.x.x.x.x.x.x.", "h:xoxoxoxoxoxoxoxo o:..x...x...x...x.", *CLUB_HATS[:4]),
        perc=("m:xoxoxoxoxoxoxoxo", "n:x..xx.x.x..xx.xx", "c:....x.......x...", "b:x...x...x...x..."),
        bass=("1.8.1.8.1.8.1.8.", "1..11.8.1..15.8.", "1-.8.1.81-.8.5.7", "1.1.8.1.1.5.7.8."),
        comp=(*CLUB_COMP, "x.xx.xx.x.xx.xx."), comp_parts=("guitar", "chord"), spread_ms=(1.0, 6.0),
        modes=("minor", "dorian", "major"), sevenths=0.8, live=True, weight=1.5,
    ),
    "nu-disco": Genre(
        bpm=(100, 122), kick=FOUR, snare=BACKBEAT, hats=CLUB_HATS, perc=CLUB_PERC,
        bass=("1..1..8.1..1..8.", "1.1.8.8.1.1.8.8.", "1-..8.1-..8.5.7."), comp=(*CLUB_COMP, "..x..xx...x..xx."),
        comp_parts=("guitar", "chord"), swing=(0.5, 0.56), modes=("minor", "dorian", "major"), sevenths=0.8,
    ),
    "trance": Genre(
        bpm=(130, 142), kick=FOUR[:2], snare=BACKBEAT[:3], hats=CLUB_HATS[:6], perc=CLUB_PERC[:3],
        bass=("..1...1...1...1.", ".111.111.111.111", "..11..11..11..11", ".1.1.1.1.1.1.1.1"),
        comp=("x---------------", "x.xx.xx.x.xx.xx.", "x..x..x..x..x.x.", "x.x.x.x.x.x.x.x."),
        modes=("minor", "minor", "major"), arps=0.9,
    ),
    "psytrance": Genre(
        bpm=(136, 150), kick=FOUR[:2], snare=BACKBEAT[:3], hats=CLUB_HATS, perc=CLUB_PERC,
        bass=(".111.111.111.111", ".111.111.111.181"), comp=("x...............", "..x..x..x..x..x."),
        modes=("phrygian", "minor"), sevenths=0.0, arps=0.9,
    ),
    "big-room": Genre(
        bpm=(124, 132), kick=FOUR, snare=BACKBEAT, hats=CLUB_HATS[:5], perc=CLUB_PERC[:4],
        bass=("..1...1...1...1.", "1..1..1.1..1..1.", "1-------1-------"),
        comp=("x--x--x-x--x--x-", "x..x..x...x.x...", "x---------------", "x.x.x..x.x.x.x.."),
        modes=("minor", "major"), arps=0.6,
    ),
    "hardstyle": Genre(
        bpm=(148, 165), kick=FOUR[:2], snare=(*BACKBEAT, "c:....x.......x.x."), hats=CLUB_HATS[:5],
        bass=("..1...1...1...1.", ".111.111.111.111", "..11..11..11..15"),
        comp=("x---------------", "x.x.x.x.x.x.x.x.", "x--x--x-x--x--x-"), modes=("minor",), sevenths=0.0, arps=0.6,
    ),
    "gabber": Genre(
        bpm=(160, 200), kick=(*FOUR[:2], "k:x...x...x...x.x.", "k:x.x.x.x.x.x.x.x."),
        snare=(*BACKBEAT[:3], "c:..x...x...x...x."), hats=CLUB_HATS[:5],
        bass=("..1...1...1...1.", "1---------------"), comp=("x...............", "x.....x.....x..."),
        modes=("minor", "phrygian"), sevenths=0.0,
    ),
    "electro": Genre(
        bpm=(118, 136),
        kick=(
            "k:x.....x...x.....", "k:x..x..x...x.....", "k:x......x..x..x..", "k:x.x....x.x......",
            "k:x.....x.....x...",
        ),
        snare=BACKBEAT,
        hats=("h:xxxxxxxxxxxxxxxx", "h:x.xxx.xxx.xxx.xx", "h:x.x.x.x.x.x.x.x. o:......x.......x.", *CLUB_HATS[:3]),
        perc=CLUB_PERC, bass=("1.11.1.11.11.1.8", "1..1..1...1.1.8.", "1.1.1.1.1.1.1.1.", ".1.1.11..1.1.118"),
        comp=("x..x......x..x..", "x...............", "..x...x...x...x."), modes=_CLUB_MODES, arps=0.6,
    ),
    "synthwave": Genre(
        bpm=(80, 118), kick=(*FOUR[:2], "k:x.......x.......", "k:x.....x.x......."),
        snare=("s:....X.......X...", "s:....x.......x... c:....x.......x..."),
        hats=("h:x.x.x.x.x.x.x.x.", "h:xxxxxxxxxxxxxxxx", "h:..x...x...x...x."),
        perc=("1:..............x. 3:............x...",),
        bass=("1.1.1.1.1.1.1.1.", "1111111111111111", "1.8.1.8.1.8.1.8."),
        comp=("x---------------", "x-------x-------"), modes=("minor", "major"), arps=0.7,
    ),
    "afro-house": Genre(
        bpm=(116, 126), kick=(*FOUR, "k:x..xx...x..xx...", "k:x...x..xx...x..."),
        snare=("r:...x..x....x..x.", "c:............x...", "r:x..x..x...x.x...", *BACKBEAT[:1]),
        hats=("e:xoxoxoxoxoxoxoxo", "e:ogxgogxgogxgogxg h:..x...x...x...x.", *CLUB_HATS[:4]),
        perc=(
            "n:x..x..xx.x.x..x. q:..x..x....x..x..", "n:xo.xxo.xxo.xxo.x 1:......x......x..", "b:x..x..x..x.x..x.",
            "n:x.x..x.xx.x..x.x 2:...x...x...x.x..",
        ),
        bass=("..1..1....1..1..", "1.....1..1......", "1--...1-..1-...."), comp=CLUB_COMP, swing=(0.5, 0.57),
        spread_ms=(0.0, 5.0), modes=("minor", "dorian"), weight=1.5,
    ),
    "amapiano": Genre(
        bpm=(108, 118), kick=("k:x...x...x...x...", "k:x.......x.......", "k:x...............", "k:........x...x..."),
        snare=("r:...x..x....x..x.", "c:....x.......x...", "r:..x..x..x..x..x.", "s:...x......x....?"),
        hats=("e:xoxoxoxoxoxoxoxo", "e:ogxgogxgogxgogxg", "h:..x...x...x...x. e:oooooooooooooooo"),
        perc=("n:..x..x.x..x..x.x", "q:...x..x...x.x...", "1:..x..x....x..x.x"),
        bass=("...1..1....1..1.", "......1--1....5-", "1--..1..1--.1.5-", "..1-..1-.1.1--.."),
        comp=("..x..x....x..x..", "x--....x--......", "...x..x...x...x."), swing=(0.5, 0.58),
        modes=("minor", "dorian"), sevenths=0.9,
    ),
    "jersey-club": Genre(
        bpm=(130, 146), kick=("k:x...x...x..x..x.", "k:x...x...x..x..x.x...x...x..x.x.x"),
        snare=("c:....x.......x...", "c:...x..x....x..x.", "s:....x..x....x..x"), hats=CLUB_HATS[:7], perc=CLUB_PERC,
        bass=("1---......1--1--", "1...1...1..1..1."), comp=CLUB_COMP, modes=("minor", "major"), sevenths=0.6,
    ),
    "uk-funky": Genre(
        bpm=(124, 132), kick=("k:x..x..x...x..x..", "k:x...x..xx...x..x", *FOUR[:2]),
        snare=("s:...x..x....x..x.", "r:..x..x..x..x..x.", "c:....x.......x..."), hats=CLUB_HATS, perc=CLUB_PERC,
        bass=CLUB_BASS, comp=CLUB_COMP, swing=(0.5, 0.6), modes=("minor", "dorian"), sevenths=0.5,
    ),
    "italo": Genre(
        bpm=(108, 132), kick=FOUR[:3], snare=BACKBEAT[:3], hats=CLUB_HATS[:5],
        perc=("1:..........x.x.xx", "b:..x..x..x..x..x.", "c:....x..x....x.x."),
        bass=("1.8.1.8.1.8.1.8.", "1188118811881188", ".181.181.181.181"), comp=CLUB_COMP, modes=("minor", "major"),
        arps=0.8,
    ),
}  # fmt: skip
"""Name -> genre."""
