"""The only place where all parts meet.

Features are listed here and nowhere else. Both entrances import what they need when they are
used, so that `lotse score` pays neither for Flask nor for SQLAlchemy.
"""

from __future__ import annotations

import sys
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import click

from app.accounts.feature import feature as accounts
from app.assessments.feature import feature as assessments
from app.kernel.errors import REGISTRY, LotseError
from app.kernel.i18n import _
from app.kernel.parts import Parts
from app.organisations.feature import feature as organisations
from app.public.feature import feature as public
from checklists.errors import ChecklistError

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import MetaData

    from app.kernel.work import Kernel
    from app.kernel.worker import Worker

FEATURES = (accounts, organisations, assessments, public)
ERRORS = (LotseError, ChecklistError)


def metadata() -> MetaData:
    """All tables of all features."""
    from app.kernel import audit, jobs, limits, links, vault  # noqa: F401  (each brings tables)
    from app.kernel.db import Table

    for feature in FEATURES:
        for module in feature.tables:
            resolve_name(module)
    return Table.metadata


def create_app(kernel: Kernel) -> Flask:
    """Build the web application around a kernel.

    Raises:
        UnmarkedView: a view says nothing about who may call it.
    """
    from app.accounts.service import identify, names, note_seen
    from app.kernel.intake import MAX_BODY_BYTES
    from app.web import assets, gate, headers, pages, problems

    metadata()
    flask = pages.LotseFlask("app", static_folder=None, template_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    flask.url_map.strict_slashes = False
    if kernel.settings.trusted_proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        n = kernel.settings.trusted_proxies
        flask.wsgi_app = ProxyFix(flask.wsgi_app, x_for=n, x_proto=n)  # type: ignore[method-assign]  # Flask's own way
    items = {
        "menu": tuple(item for feature in FEATURES for item in feature.menu),
        "foot": tuple(item for feature in FEATURES for item in feature.foot),
    }
    headers.install(flask, kernel.settings)
    pages.install(flask, items, names)
    problems.install(flask, ERRORS)
    flask.register_blueprint(assets.blueprint)
    for feature in FEATURES:
        only_here = () if kernel.settings.production else feature.development_blueprints
        for blueprint in (*feature.blueprints, *only_here):
            flask.register_blueprint(resolve_name(blueprint))
    gate.install(flask, kernel, identify, note_seen, pages.speak_to_visitor)
    return flask


def create_worker(kernel: Kernel) -> Worker:
    """Build the worker: handlers of jobs and regular passes of all features."""
    from app.kernel import mail
    from app.kernel.worker import Worker
    from app.render.mail import render_mail

    metadata()
    handlers = {
        kind: resolve_name(handler)
        for feature in FEATURES
        for kind, handler in feature.jobs.items()
    }
    handlers[mail.KIND] = mail.deliver(render_mail)
    passes = [resolve_name(name) for feature in FEATURES for name in feature.passes]
    return Worker(kernel, handlers, passes)


COMMANDS = {
    "init": "app.kernel.keep.commands:init",
    "serve": "app.web.serving:serve",
    "worker": "app.kernel.keep.commands:worker",
    "doctor": "app.kernel.keep.commands:doctor",
    **{name: place for feature in FEATURES for name, place in feature.commands.items()},
}


class LazyCommands(click.Group):
    """Imports the module of a command when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = resolve_name(COMMANDS[cmd_name])
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ERRORS as error:
            entry = REGISTRY[error.code]
            line = f"{error.code}: {_(entry.title, **error.facts)} {entry.way_out}"
            if isinstance(error, ChecklistError):
                line += f" ({error})"  # which question it is about
            click.echo(line, err=True)
            ctx.exit(entry.exit_code)


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def lotse(context: click.Context) -> None:
    """Run and look after lotse, for example: lotse serve."""
    context.obj = Parts(metadata, create_app, create_worker)


if __name__ == "__main__":
    sys.exit(lotse())
