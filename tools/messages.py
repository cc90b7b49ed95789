"""Bring `messages.po` up to date with the sentences in code and templates.

    .venv/bin/python tools/messages.py

New sentences arrive empty, changed ones fuzzy, lost ones go; a house test refuses the first two.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PO = ROOT / "app/locale/en/messages.po"
HEADER = r"""# English translations for lotse. The German sentence is the id.
msgid ""
msgstr ""
"Project-Id-Version: lotse\n"
"Language: en\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
"""Our own, because Babel's names people and moments; the history knows both better."""
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
    found = extract_from_dir(str(ROOT / "app"), METHODS, options_map=OPTIONS, keywords=KEYWORDS)
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
    written = BytesIO()
    write_po(written, catalog, width=100, no_location=True, sort_output=True, omit_header=True)
    PO.write_bytes(HEADER.encode() + written.getvalue())
    todo = [m for m in catalog if m.id and (m.fuzzy or not any(m.string or ()))]
    print(f"{len(catalog)} sentences, {len(todo)} without English")


if __name__ == "__main__":
    main()
