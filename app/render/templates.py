"""The one Jinja environment: pages, mails and documents are drawn with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.kernel import i18n
from app.render import charts

APP = Path(__file__).parents[1]


@cache
def environment() -> Environment:
    """Make the environment; templates are named `<feature>/<page>.html`."""
    folders = sorted(APP.glob("*/templates"))
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        i18n.gettext,
        i18n.ngettext,
        newstyle=True,
        pgettext=i18n.pgettext,
        npgettext=i18n.npgettext,
    )
    made.filters.update(
        say=i18n.say,
        spelled=i18n.spelled,
        begins=i18n.begins,
        local_time=i18n.local_time,
        local_day=i18n.local_day,
        local_clock=i18n.local_clock,
        signed=charts.signed,
    )
    made.globals.update(scale_of=charts.scale_of, radar_of=charts.radar_of, bar_of=charts.bar_of)
    return made
