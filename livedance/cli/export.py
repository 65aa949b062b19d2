"""`livedance export NAME`: write trained models for the runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance.errors import MissingExtra

app = typer.Typer(help="Write models for the runtime.", no_args_is_help=True)


@app.callback()
def _export() -> None:
    """Write models for the runtime."""


@app.command()
def beat(
    run: Annotated[Path, typer.Option(help="Folder of a training run ('livedance train beat').")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/beat"),
) -> None:
    """Write the beat network of a run as ONNX with its manifest, and prove that it answers like torch.

    Example: livedance export beat --run ~/beat-run
    """
    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("exporting", "train") from error
        from livedance.evaluation.report import commit
    from livedance.networks import MODEL_FILE
    from livedance.training import beat_export

    difference = beat_export.export(run, out, commit())
    size = (out / MODEL_FILE).stat().st_size / 1e3
    typer.echo(f"{out}: {size:.0f} kB, largest difference from torch {difference:.1e}")


@app.command()
def dance(
    run: Annotated[Path, typer.Option(help="Folder of a training run ('livedance train dance').")],
    data: Annotated[Path, typer.Option(help="Folder of what it learnt from ('livedance train data').")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/dance"),
) -> None:
    """Write the dance network of a run as ONNX with its manifest, and prove that it answers like torch.

    Example: livedance export dance --run ~/dance-run --data ~/dance-tracks
    """
    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("exporting", "train") from error
    from livedance.evaluation.report import commit
    from livedance.training.dance import export

    difference = export.export(run, data, out, commit())
    size = sum(f.stat().st_size for f in out.iterdir()) / 1e3
    typer.echo(f"{out}: {size:.0f} kB, largest difference from torch {difference:.1e}")


@app.command()
def match(
    run: Annotated[Path, typer.Option(help="Folder of a training run ('livedance train match').")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/match"),
) -> None:
    """Write the encoders of the cross-modal evaluation with their manifest, and prove that they answer like torch.

    Example: livedance export match --run ~/match-run
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("exporting", "train") from error
    from livedance.evaluation.match_net import WEIGHTS
    from livedance.evaluation.report import commit
    from livedance.training.match import export

    difference = export.export(run, out, commit())
    size = (out / WEIGHTS).stat().st_size / 1e3
    typer.echo(f"{out}: {size:.0f} kB, largest difference from torch {difference:.1e}")
