"""`livedance osc`: the table of addresses, and a look at what arrives on a port."""

from __future__ import annotations

import errno
import json
import socket
import time
from typing import Annotated, Any

import typer

from livedance import osc_codec, registry
from livedance.broadcast.osc_profile import PackedProfile
from livedance.broadcast.osc_td import joint_name
from livedance.control import osc_table
from livedance.control.osc_in import DEFAULT_PORT
from livedance.errors import ConfigError, PortBusyError, WireError
from livedance.skeleton import JOINT_NAMES

app = typer.Typer(no_args_is_help=True, help="OSC: the table of addresses, and what arrives on a port.")


@app.command()
def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown (the file docs/osc.md).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print every OSC address, sent and heard. Example: livedance osc schema --json."""
    tables = {"out": {p: _rows_out(p) for p in registry.names("osc_profile")}, "in": _rows_in()}
    if as_json:
        typer.echo(json.dumps(tables, indent=2, ensure_ascii=False))
    else:
        typer.echo(_markdown(tables) if markdown else _plain(tables), nl=False)


@app.command()
def monitor(
    port: Annotated[int, typer.Option(help="UDP port to listen on.", min=1, max=65_535)] = 9000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seconds: Annotated[float, typer.Option(help="Stop after this time; 0 = at Ctrl-C.")] = 0.0,
    match: Annotated[str, typer.Option(help="Only addresses that contain this.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per message.")] = False,
) -> None:
    """Print the OSC messages that arrive on a port. Example: livedance osc monitor --match beat."""
    end = time.monotonic() + seconds if seconds > 0 else float("inf")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        try:
            listener.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortBusyError(f"UDP port {port} on {host} is taken; stop the program there") from error
            raise ConfigError(f"cannot listen on {host}:{port} ({error.strerror}); choose --host and --port") from error
        listener.settimeout(0.1)
        while time.monotonic() < end:
            try:
                data = listener.recv(65_536)
            except TimeoutError:
                continue
            except KeyboardInterrupt:
                return
            _print_datagram(data, match, as_json)


def _print_datagram(data: bytes, match: str, as_json: bool) -> None:
    try:
        messages = osc_codec.decode(data)
    except WireError as problem:
        typer.echo(f"? {problem}", err=True)
        return
    for message in messages:
        if match not in message.address:
            continue
        args = [a.hex() if isinstance(a, bytes) else a for a in message.args]
        if as_json:
            typer.echo(json.dumps({"address": message.address, "args": args}))
        else:
            typer.echo(f"{message.address} {' '.join(f'{a:.4f}' if isinstance(a, float) else str(a) for a in args)}")


def _rows_out(profile: str) -> list[dict[str, str]]:
    built: Any = registry.build("osc_profile", profile, {"picture": True})
    if not isinstance(built, PackedProfile):
        raise ConfigError(f"OSC profile '{profile}' has no table of addresses")
    rows = {f.pattern: f for f in built.fields}
    return [{"address": r.pattern, "types": r.types, "range": r.span, "meaning": r.meaning} for r in rows.values()]


def _rows_in() -> list[dict[str, str]]:
    rows = [{"address": r.address, "types": r.types, "range": r.span, "meaning": r.meaning} for r in osc_table.ROWS]
    free = "a free parameter: kept and told to subscribers and pages; no part of the show uses one yet"
    rows.append({"address": f"{osc_table.PARAM_PREFIX}<name>", "types": "f", "range": "number", "meaning": free})
    rows += [{"address": a, "types": t, "range": "", "meaning": m} for a, t, m in osc_table.QUERIES]
    heard = "tempo and beat of rkbx_link, while the tempo source is `osc`"
    rows += [{"address": a, "types": "f", "range": "", "meaning": heard} for a in osc_table.TEMPO_ADDRESSES]
    return rows


def _plain(tables: dict[str, Any]) -> str:
    lines = []
    sections = [(f"out, profile {name}", rows) for name, rows in tables["out"].items()] + [("in", tables["in"])]
    for title, rows in sections:
        lines.append(title)
        lines += [f"  {r['address']:<44} {r['types']:<10} {r['range']:<14} {r['meaning']}" for r in rows]
    return "\n".join(lines) + "\n"


def _markdown(tables: dict[str, Any]) -> str:
    parts = [_INTRODUCTION]
    for name, rows in tables["out"].items():
        parts.append(f"## Out: profile `{name}`\n\n{_table(rows)}")
    parts.append(f"## In (port {DEFAULT_PORT})\n\n{_IN_RULES}\n{_table(tables['in'])}")
    return "\n".join(parts)


def _table(rows: list[dict[str, str]]) -> str:
    lines = ["| address | types | range | meaning |", "|---|---|---|---|"]
    lines += [f"| `{r['address']}` | {r['types']} | {r['range']} | {r['meaning']} |" for r in rows]
    return "\n".join(lines) + "\n"


_INTRODUCTION = f"""# OSC

Generated from the code by `livedance osc schema --markdown`; do not edit by hand.

Out: UDP to 127.0.0.1:9000 unless `--osc PROFILE=HOST:PORT` says otherwise (several at once, `--osc off` for none), 60
frames a second, datagrams of at most 1,400 bytes, time tag "immediately". `N` counts dancers from 1. Places for dancers
are fixed when the show starts: a dancer who is not on stage keeps the last pose with `conf` 0, so channels never move.
Pose, beat and bar are for the moment of sending plus `delay_ms` of the output; `audio/*` and `time` are for now.
Metres, right-handed, y up, +z towards the audience, quaternions x y z w. Strings (style, device, errors) go to
`/livedance/info/<name>` on the port after (9001), once a second and on change.

Joints: {", ".join(JOINT_NAMES)}.
In profile `td`: {", ".join(joint_name(name) for name in JOINT_NAMES)}.
"""

_IN_RULES = f"""UDP on 127.0.0.1. Numbers, booleans and doubles are taken alike and clamped; surplus arguments and
unknown addresses are ignored; a trigger acts on no argument or a non-zero one; a switch without an argument toggles.
A value that cannot be used is answered with `{osc_table.PREFIX}/error`. Another address than loopback needs
`osc_in.allow`.
"""
