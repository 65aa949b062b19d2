"""Lines that many genres share (one bar of 16 sixteenths where nothing else is said)."""

from __future__ import annotations

from typing import Final

FOUR: Final = (
    "k:x...x...x...x...",
    "k:X...x...X...x...",
    "k:x...x...x...x...x...x...x...x.o.",
    "k:x...x...x...x...x...x...x..ox...",
    "k:x..?x...x..?x...",
    "k:x...x...x...x..o",
)
"""Four to the floor."""

BACKBEAT: Final = (
    "c:....x.......x...",
    "s:....x.......x...",
    "s:....x.......x... c:....x.......x...",
    "s:....X..g.g..X..g",
    "c:....x.......x..?",
    "r:....x.......x...",
)

CLUB_HATS: Final = (
    "o:..x...x...x...x.",
    "o:..x...x...x...x. h:xgxgxgxgxgxgxgxg",
    "h:..x...x...x...x.",
    "h:x.x.x.x.x.x.x.x.",
    "h:xoxoxoxoxoxoxoxo o:..x...x...x...x.",
    "h:.gx..gx..gx..gx. e:xoxoxoxoxoxoxoxo",
    "h:xx.xxx.xxx.xxx.x o:..x...x...x...x.",
    "d:..x...x...x...x. h:xgogxgogxgogxgog",
    "d:x.x.x.x.x.x.x.x. o:..x...x...x...x.",
    "m:..x...x...x...x. h:o.o.o.o.o.o.o.o.",
    "h:.xx..xx..xx..xx. o:..........x.....",
    "e:ogxgogxgogxgogxg",
)

CLUB_PERC: Final = (
    "n:..x..x..x..x..x.",
    "n:...x..x....x.xx.",
    "q:...x.....x....x.",
    "b:..x..x...x..x...",
    "r:x..x..x...x.x...",
    "r:..x..x....x.....",
    "1:......x.......xo 2:...x.......x....",
    "q:x..x..x..x..x..x..x..x..x..x..x. n:......x.......o.......x.....x..o",
    "n:xo.xxo.xxo.xxo.x",
    "b:x.xx.x.xx.xx.x.x",
)

BROKEN_KICKS: Final = (
    "k:x.....x...x.....",
    "k:x.........x.....",
    "k:x..x......x.....",
    "k:x.....x..x......",
    "k:x..........x....",
    "k:x.x.......x..x..",
    "k:x......x..x....?",
    "k:x..x..x...x..x..x..x......x.....",
)

STRAIGHT_HATS: Final = (
    "h:x.x.x.x.x.x.x.x.",
    "h:xgxgxgxgxgxgxgxg",
    "h:X.o.X.o.X.o.X.o.",
    "h:o.x.o.x.o.x.o.x.",
    "h:x.x.x.x.x.x.x... o:..............x.",
    "d:x.x.x.x.x.x.x.x.",
    "d:x...x...x...x... h:..x...x...x...x.",
    "h:x...x...x...x...",
    "e:xoxoxoxoxoxoxoxo",
    "m:x.x.x.x.x.x.x.x. h:....x.......x...",
)

CLUB_BASS: Final = (
    "..1...1...1...1.",
    ".111.111.111.111",
    "..11..11..11..11",
    "1---------------",
    "1-......1-......",
    "1..1..1...1..1..",
    "..1..1....1..5..",
    "1.1.1.1.1.1.1.1.",
    "1...1...1...1...",
    "..1-..1-..1-..58",
    "1.8.1.8.1.8.1.8.",
    "...1..1..1....8.",
    "1--1--1--1--1-8-",
)

CLUB_COMP: Final = (
    "..x...x...x...x.",
    "x..x..x...x..x..",
    "x...............",
    "x---------------",
    "..x..x....x..x..",
    "x--x--x---x--x--",
    "...x......x.....",
    "x.......x.......",
    "x-.x-.x-..x-.x-.",
    "x..x..x..x..x..x",
    "......x...x.....",
    "x--x--x-x--x--x-",
    "..x.......x..x..",
)

HALF_SNARE: Final = (
    "s:........x.......",
    "c:........x.......",
    "s:........X....... c:........x......?",
    "s:........x......g",
    "s:.......gx.....g.",
)
"""The backbeat on beat 3: dubstep, trap and halfstep are counted at the DJ's tempo (140, 140, 170)."""

BAND_BASS: Final = (
    "1.1.1.1.1.1.1.1.",
    "1-----1-1-----5-",
    "1..1..1.1..1..5.",
    "1-------1-------",
    "1---1---1---1---",
    "1-.1..1-5-..8-5-",
    "1---------1-5---",
    "1-----5-------1-",
)

BAND_COMP: Final = (
    "x---------------",
    "x-------x-------",
    "x-x-x-x-x-x-x-x-",
    "x---x---x---x---",
    "x-.x.xx-.xx-x-x.",
    "x--x--x---x--x--",
    "....x.......x...",
    "x-..x.x-..x.x-x-",
    "x---..x---..x-..",
)
