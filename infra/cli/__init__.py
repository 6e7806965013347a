"""The ``heed`` command. Each command lives in its own file and imports what is heavy only when it runs."""

import typer

from infra.cli import (
    audit,
    config,
    connect,
    cost,
    demo,
    dlq,
    doctor,
    listeners,
    package,
    parse,
    privacy,
    sla,
    slack,
    verify,
    version,
)

app = typer.Typer(
    name="heed",
    help="Social customer care on your own AWS account.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("connect")(connect.connect)
app.command("cost")(cost.cost)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("listeners")(listeners.listeners)
app.command("parse")(parse.parse)
app.command("verify")(verify.verify)
app.add_typer(config.app, name="config")
app.add_typer(dlq.app, name="dlq")
app.add_typer(sla.app, name="sla")
app.add_typer(slack.app, name="slack")
app.add_typer(audit.app, name="audit")
app.add_typer(privacy.app, name="privacy")
app.command("package")(package.package)
app.command("version")(version.version)


def main() -> None:
    app()
