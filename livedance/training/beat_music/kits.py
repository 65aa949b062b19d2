"""Drum kits: which recording plays which drum at which strength, from Hydrogen kits and folders of one-shots."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from livedance.errors import FileError
from livedance.training.beat_music.piece import Drum
from livedance.training.beat_music.samples import Recording, is_readable

Family = Literal["acoustic", "electronic"]

ENDINGS: Final = (".wav", ".flac", ".ogg", ".aif", ".aiff")

_NAMES: Final[tuple[tuple[str, Drum], ...]] = (
    (r"sample:|empty|loop|roll|backspin|choke", "perc"),
    (r"tamb", "tambourine"),
    (r"cow.?bell|\bcow\b|agogo", "cowbell"),
    (r"(pedal|foot|\bpd\b)", "pedal_hat"),
    (
        r"(hat|hh).*(open|\bop\b|semi|swish|free|\bo\d?\b)|\b(open|opened).*(hat|hh)|ohh|\boh\b|h open|hat_noiz",
        "open_hat",
    ),
    (r"\bhat|hat\b|hats|ihat|hh|h closed", "hat"),
    (r"kick|kik|bass ?drum|\bbd|\bk\b|808bd|809bd|thump|djembe\d bass|dununba\d head hit", "kick"),
    (r"snare|\bsn(_|\b)|snr|\bs (8bit|linn|hollow|spit|pitch)|cajon slap|sd\b", "snare"),
    (r"clap|snap|\bclp", "clap"),
    (r"rim|stick", "rim"),
    (r"^(?!.*crash/).*\bride|_ride|^ride|paiste bell", "ride"),
    (r"crash|splash|china|cymb?\b|cymb", "crash"),
    (r"tom.*(low|\blo\b|_lo|floor|2|16)|floor", "tom_low"),
    (r"tom.*(mid|middle|1|13)|middle tom", "tom_mid"),
    (r"tom", "tom_high"),
    (r"shaker|maraca|cabasa|shake\b", "shaker"),
    (r"conga|bongo|djembe|sangban\d head|kenkeni\d head|dununba\d head", "conga"),
    (r"click|wood|zap|clav|drum \d|perc|\bcab\b|bell|blip|pop|glass|pad|whistle", "perc"),
)
"""Instrument names to drums, first match wins; a name without a match is left out."""
_SKIPPED: Final = re.compile(r"sample:|empty|loop|roll|backspin|choke|muted?$|^\W*$|^\d+$")
_ELECTRONIC: Final = re.compile(r"electr|hard|audiophob|vari|rumpf|808|909|tr\d|techno|oneshot|lmms", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One recording for strengths up to `top` (0-1)."""

    top: float
    recording: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One drum of a kit; layers rise in strength."""

    name: str
    layers: tuple[Layer, ...]
    gain: float = 1.0

    def layer(self, velocity: float) -> Layer:
        """Return the layer that is struck at `velocity`."""
        return next((layer for layer in self.layers if velocity <= layer.top), self.layers[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """A set of drums; some parts may be missing, some may have several instruments."""

    name: str
    family: Family
    drums: dict[Drum, tuple[Instrument, ...]]


def part_of(name: str) -> Drum | None:
    """Return the drum that an instrument or a file with this name plays, or None."""
    name = name.lower().replace("-", " ").replace("hi hat", "hat")
    if _SKIPPED.search(name):
        return None
    return next((part for pattern, part in _NAMES if re.search(pattern, name)), None)


def hydrogen_kits(folder: Path) -> tuple[Kit, ...]:
    """Return all kits in `folder` (one sub-folder each, with a drumkit.xml), in order of their names."""
    return tuple(hydrogen_kit(path.parent) for path in sorted(folder.glob("*/drumkit.xml")))


def hydrogen_kit(folder: Path) -> Kit:
    """Return one Hydrogen kit. Raises `FileError` when its drumkit.xml cannot be read."""
    try:
        root = ElementTree.fromstring(_without_namespace((folder / "drumkit.xml").read_text(encoding="utf-8")))
    except (OSError, ElementTree.ParseError) as error:
        raise FileError(f"the drum kit '{folder}' cannot be read: {error}; reinstall hydrogen-drumkits") from error
    found = [_instrument(element, folder) for element in root.iter("instrument")]
    return Kit(name=folder.name, family=family_of(folder.name), drums=by_part(i for i in found if i.layers))


def folder_kit(folder: Path, name: str) -> Kit:
    """Return the one-shots in `folder` (its sub-folders too) as one kit: file names say which drum they are."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and is_readable(path))
    shots = (Instrument(name=path.stem, layers=(Layer(top=1.0, recording=Recording(path=path)),)) for path in files)
    return Kit(name=name, family=family_of(name), drums=by_part(shots))


def family_of(name: str) -> Family:
    """Return whether a kit of this name is electronic or acoustic."""
    return "electronic" if _ELECTRONIC.search(name) else "acoustic"


def by_part(instruments: Iterable[Instrument]) -> dict[Drum, tuple[Instrument, ...]]:
    """Return `instruments` by the drum that their names say; the others are left out."""
    drums: dict[Drum, tuple[Instrument, ...]] = {}
    for instrument in instruments:
        part = part_of(instrument.name)
        if part is not None:
            drums[part] = (*drums.get(part, ()), instrument)
    return drums


def _instrument(element: ElementTree.Element, folder: Path) -> Instrument:
    layers = tuple(sorted(_layers(element, folder), key=lambda layer: layer.top))
    return Instrument(name=element.findtext("name") or "", layers=layers, gain=_number(element, "volume", 1.0))


def _layers(element: ElementTree.Element, folder: Path) -> Iterator[Layer]:
    """Yield the layers; old kits name one file in the instrument itself."""
    for layer in [*element.iter("layer"), element]:
        path = folder / (layer.findtext("filename") or "")
        if path.is_file() and is_readable(path):
            yield Layer(top=_number(layer, "max", 1.0), recording=Recording(path=path))


def _number(element: ElementTree.Element, key: str, other: float) -> float:
    text = element.findtext(key)
    return float(text) if text else other


def _without_namespace(text: str) -> str:
    return re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text, count=2)
