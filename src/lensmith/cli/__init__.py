"""The command line. Command bodies import what they need, so that `--help` is quick."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lensmith.cli.dataset import command as dataset
from lensmith.cli.dataset import export_dataset, health, import_dataset
from lensmith.cli.detect.command import detect
from lensmith.cli.evaluation import command as evaluation
from lensmith.cli.model import copy, start, stop
from lensmith.cli.project import command as project
from lensmith.cli.project import delete, listing
from lensmith.cli.server import (
    backup,
    configure,
    console,
    export_model,
    iam,
    nodes,
    quickstart,
    resize,
    serve,
    status,
    usage,
    user,
)
from lensmith.cli.server import stop as server
from lensmith.cli.training import cancel, train
from lensmith.cli.training import command as training
from lensmith.domain.errors import LensmithError

app = typer.Typer(
    name="lensmith",
    help="A self-hosted, wire-compatible Amazon Rekognition Custom Labels.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they may hold keys
)
app.command("quickstart")(quickstart.quickstart)
app.command("serve")(serve.serve)
app.command("status")(status.status)
app.command("configure")(configure.configure)
app.command("console")(console.console)
app.command("list")(listing.list_projects)
app.command("import")(import_dataset.import_dataset)
app.command("export")(export_dataset.export_dataset)
app.command("health")(health.health)
app.command("train")(train.train)
app.command("training")(training.training)
app.command("cancel")(cancel.cancel)
app.command("evaluation")(evaluation.evaluation)
app.command("start")(start.start)
app.command("stop")(stop.stop)
app.command("detect")(detect)
app.command("resize")(resize.resize)
app.command("usage")(usage.usage)
app.command("export-model")(export_model.export_model)
app.command("copy")(copy.copy)
app.command("delete")(delete.delete)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(project.app, name="project")
app.add_typer(dataset.app, name="dataset")
app.add_typer(user.app, name="user")
app.add_typer(iam.app, name="iam")
app.add_typer(server.app, name="server")
server.app.command("nodes")(nodes.nodes)
server.app.command("drain")(nodes.drain)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"lensmith {version('lensmith')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version"),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the `lensmith` program; a LensmithError ends it with 1 and one sentence."""
    try:
        app()
    except LensmithError as error:
        typer.secho(f"lensmith: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)
