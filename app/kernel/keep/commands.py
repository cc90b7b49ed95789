"""`lotse init`, `lotse worker`, `lotse doctor`."""

from __future__ import annotations

import json
from datetime import datetime

import click

from app.kernel.errors import BadSetting
from app.kernel.i18n import _
from app.kernel.keep.doctor import examine
from app.kernel.logs import start_logging
from app.kernel.parts import Parts
from app.kernel.settings import read_settings
from app.kernel.start import init as init_instance, open_kernel


@click.command()
@click.option("--new-key", is_flag=True, help="Make the root key; only for an empty database.")
@click.pass_obj
def init(parts: Parts, *, new_key: bool) -> None:
    """Make data folder, keys and database, or bring the schema up, for example: lotse init.

    In production the root key is made only if asked for, once: lotse init --new-key.
    """
    settings = read_settings()
    init_instance(settings, parts.metadata(), new_key=new_key).engine.dispose()
    click.echo(_("Bereit: %(folder)s", folder=settings.data))
    click.echo(_("Schlüssel: %(file)s", file=settings.root_key_path), err=True)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due, then end.")
@click.option("--now", metavar="ISO", help="Pretend it is this time; not in production.")
@click.pass_obj
def worker(parts: Parts, *, once: bool, now: str | None) -> None:
    """Do due work: mails, reports, tidying up, for example: lotse worker --once."""
    settings = read_settings()
    start_logging(as_json=settings.production, quiet=not settings.production)
    kernel = open_kernel(settings)
    if now is not None:
        kernel = kernel.at(_pretended(now, production=settings.production))
    made = parts.create_worker(kernel)
    if not once:
        made.run()
        return
    made.sweep()
    done = 0
    while just_done := made.tick():
        done += just_done
    click.echo(_("Erledigt: %(count)s", count=done))


def _pretended(now: str, *, production: bool) -> datetime:
    if production:
        raise BadSetting("--now", "is not for production")
    try:
        at = datetime.fromisoformat(now)
    except ValueError as error:
        raise BadSetting("--now", "must look like 2027-03-01T12:00:00+01:00") from error
    if at.utcoffset() is None:
        raise BadSetting("--now", "needs a time zone, such as +01:00 or Z")
    return at


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def doctor(*, as_json: bool) -> None:
    """Say what is wrong and what to do, for example: lotse doctor --json."""
    findings = examine(read_settings())
    ok = not any(finding.state == "wrong" for finding in findings)
    if as_json:
        rows = [{"id": f.id, "state": f.state, "says": f.says, "cure": f.cure} for f in findings]
        click.echo(json.dumps({"schema": 1, "ok": ok, "findings": rows}, ensure_ascii=False))
    else:
        signs = {"fine": "✓", "note": "!", "wrong": "✗"}
        for finding in findings:
            click.echo(f"{signs[finding.state]} {finding.says}")
            if finding.cure:
                click.echo(f"    {finding.cure}")
    raise SystemExit(0 if ok else 1)
