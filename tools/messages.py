"""Bring `messages.po` up to date with the sentences in code and templates.

    .venv/bin/python tools/messages.py

New sentences arrive empty, changed ones fuzzy, lost ones go; a house test refuses the first two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PO = ROOT / "app/locale/en/messages.po"
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "mark": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "false", "newstyle_gettext": "true"}}


def extracted() -> Catalog:
    """All sentences of the product, in the order of the files."""
    catalog = Catalog(locale="en", project="lotse", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        str(ROOT / "app"), METHODS, options_map=OPTIONS, keywords=KEYWORDS
    )
    for _file, _line, message, _comments, context in sorted(found, key=lambda row: row[0]):
        catalog.add(message, context=context)
    return catalog


def main() -> None:
    """Write the file anew and say what is left to do."""
    catalog = extracted()
    if PO.exists():
        with PO.open("rb") as file:
            known = read_po(file, locale="en")
        known.update(catalog, update_header_comment=False)
        known.obsolete.clear()
        catalog = known
    catalog.creation_date = catalog.revision_date = UNDATED  # the history knows when
    written = BytesIO()
    write_po(written, catalog, width=100, no_location=True, sort_output=True, omit_header=False)
    PO.write_bytes(written.getvalue())
    todo = [m for m in catalog if m.id and (m.fuzzy or not any(m.string or ()))]
    print(f"{len(catalog)} sentences, {len(todo)} without English")  # noqa: T201  (a command)


if __name__ == "__main__":
    main()
