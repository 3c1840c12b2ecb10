"""The command line. Command bodies import what they need, so that `--help` is quick."""

from __future__ import annotations

import sys

import typer

from lensmith.cli.dataset import export_dataset, health, import_dataset
from lensmith.cli.detect.command import detect
from lensmith.cli.evaluation import command as evaluation
from lensmith.cli.server import (
    configure,
    console,
    export_model,
    quickstart,
    resize,
    serve,
    status,
    stop,
    usage,
    user,
)
from lensmith.cli.training import cancel
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
app.command("stop")(stop.stop)
app.command("console")(console.console)
app.command("status")(status.status)
app.command("configure")(configure.configure)
app.command("import")(import_dataset.import_dataset)
app.command("export")(export_dataset.export_dataset)
app.command("health")(health.health)
app.command("training")(training.training)
app.command("evaluation")(evaluation.evaluation)
app.command("cancel")(cancel.cancel)
app.command("detect")(detect)
app.command("export-model")(export_model.export_model)
app.command("resize")(resize.resize)
app.command("usage")(usage.usage)
app.add_typer(user.app, name="user")


def main() -> None:
    """Run the `lensmith` program; a LensmithError ends it with 1 and one sentence."""
    try:
        app()
    except LensmithError as error:
        typer.secho(f"lensmith: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)
