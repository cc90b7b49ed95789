"""The house rules as functions: sources in, complaints out. Each has a bad twin in its test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "checklists", "scanners", "webinars")

Sources = Mapping[str, str]
"""Path relative to the checkout → text."""


def python_sources() -> dict[str, str]:
    """Every module of the product."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def template_sources() -> dict[str, str]:
    """Every page template; documents and mails are drawn, not browsed."""
    files = sorted((ROOT / "app").glob("*/templates/**/*.html"))
    files = [file for file in files if "render" not in file.parent.parts]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def imports(text: str) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def other_doors(sources: Sources) -> list[str]:
    """A feature is entered through its service."""
    features = {
        path.split("/")[1] for path in sources if re.fullmatch(r"app/\w+/feature\.py", path)
    } - {"web"}
    complaints = []
    for path, text in sources.items():
        here = path.split("/")[1]
        if not path.startswith("app/") or here not in features:
            continue
        for name in imports(text):
            parts = name.split(".")
            if parts[0] == "app" and parts[1] in features - {here} and parts[2:3] != ["service"]:
                complaints.append(f"{path} imports {name}: call app.{parts[1]}.service instead")
    return complaints


SEARCHES: dict[str, tuple[str, str, frozenset[str]]] = {
    "commit": (
        r"\.(commit|rollback)\(",
        "the caller commits, in work.py",
        frozenset({"app/kernel/work.py", "app/kernel/start.py", "app/kernel/migrations/env.py"}),
    ),
    "relationship": (r"\brelationship\(", "say in the query what it joins", frozenset()),
    "text": (
        r"(?<![\w.])text\(|\.connection\(",
        "statements as text stand in the kernel",
        frozenset({"app/assessments/tables.py"}),  # the condition of a partial index
    ),
    "form": (
        r"\brequest\.(form|values|get_json|json|files)\b",
        "read what was posted with posted()",
        frozenset(),
    ),
    "unsafe": (
        r"\bMarkup\(|\bpickle\b|\beval\(|\bexec\(|shell=True|(?<![\w.])random\.",
        "not in this house",
        frozenset(),
    ),
    "everything": (
        r"(?<!def )\beverything\(",
        "work over all firms stands in listed places",
        frozenset({"app/assessments/service/reports.py", "app/kernel/migrations/env.py"}),
    ),
    "side_write": (
        r"(?<!def )\bside_write\(",
        "side writes stand in listed places",
        frozenset({"app/kernel/limits.py", "app/web/gate.py"}),
    ),
    "now": (
        r"datetime\.now\(|date\.today\(|time\.time\(|uuid4\(",
        "take work.now and work.new_id()",
        frozenset({"app/kernel/ids.py"}),
    ),
    "environment": (
        r"\bos\.environ\b|\bos\.getenv\b",
        "settings are read in kernel/settings.py",
        frozenset({"app/kernel/settings.py", "app/web/serving.py"}),
    ),
    "silence": (
        r"#\s*(noqa(?!: [A-Z]+\d+(, ?[A-Z]+\d+)*  \()|type: ignore(?!\[[\w-]+(, ?[\w-]+)*\]  # ))",
        "say which rule is silenced and why",
        frozenset(),
    ),
}


def found_by_search(rule: str, sources: Sources) -> list[str]:
    """Complaints of one of `SEARCHES`."""
    pattern, advice, allowed = SEARCHES[rule]
    kernel = rule == "text"
    return [
        f"{path}:{number}: {advice}"
        for path, text in sources.items()
        if path not in allowed and not (kernel and path.startswith("app/kernel/"))
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(pattern, line)
    ]


def unsafe_templates(sources: Sources) -> list[str]:
    """No escape from escaping, nothing inline."""
    patterns = {
        r"\|\s*safe\b": "texts are escaped: no |safe",
        r"\sstyle\s*=": "no inline style: a class in lotse.css",
        r"<style\b": "no inline style sheet",
        r"<script\b(?![^>]*\ssrc=)": "no inline script: lotse.js",
        r"\son[a-z]+\s*=": "no event attribute: lotse.js",
        r"https?://(?!www\.w3\.org/)": "no foreign address",
    }
    return [
        f"{path}:{number}: {advice}"
        for path, text in sources.items()
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern, advice in patterns.items()
        if re.search(pattern, line)
    ]


def pages_outside_the_shell(sources: Sources) -> list[str]:
    """A template with a title is a page, and pages extend a shell."""
    return [
        f"{path}: extend web/page.html"
        for path, text in sources.items()
        if re.search(r"^\s*(<title>)?{% block title %}", text, re.MULTILINE)
        and not re.search(r'{% extends "(web/page|render/document)\.html" %}', text)
        and not path.endswith(("web/page.html", "render/document.html"))
    ]


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.labels: set[str] = set()
        self.fields: list[str] = []
        self.inside_label = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "label":
            self.inside_label += 1
            if given.get("for"):
                self.labels.add(given["for"] or "")
        if tag in {"input", "select", "textarea"} and given.get("type") not in {"hidden", "submit"}:
            named = self.inside_label or "aria-label" in given or "aria-labelledby" in given
            if not named:
                self.fields.append(given.get("id") or "")

    def handle_endtag(self, tag: str) -> None:
        self.inside_label -= tag == "label"


def fields_without_label(html: str) -> list[str]:
    """Each field of a rendered page has a label."""
    parser = _Fields()
    parser.feed(html)
    return [
        f"field {name or '?'} has no label" for name in parser.fields if name not in parser.labels
    ]


def mails_in_one_language(files: Iterable[Path]) -> list[str]:
    """Each mail has both languages, the same facts, a short subject."""
    complaints: list[str] = []
    mails: dict[Path, dict[str, str]] = {}
    for file in files:
        name, language, _txt = file.name.split(".")
        mails.setdefault(file.parent / name, {})[language] = file.read_text(encoding="utf-8")
    for mail, texts in mails.items():
        if set(texts) != {"de", "en"}:
            complaints.append(f"{mail.name}: only {', '.join(texts)}; write the other language")
            continue
        facts = {lang: set(re.findall(r"{{\s*(\w+)", text)) for lang, text in texts.items()}
        if facts["de"] != facts["en"]:
            complaints.append(f"{mail.name}: facts differ: {facts['de'] ^ facts['en']}")
        for lang, head in (("de", "Betreff: "), ("en", "Subject: ")):
            first = texts[lang].splitlines()[0]
            if not first.startswith(head):
                complaints.append(f"{mail.name}.{lang}: begins with {head!r}")
            if len(first.removeprefix(head)) > 78:
                complaints.append(f"{mail.name}.{lang}: subject over 78 characters")
    return complaints


def untranslated(written: set[str | tuple[str, ...]], catalog: Catalog) -> list[str]:
    """Every sentence has its English, and it is still the English of that sentence."""
    translated = {message.id: message for message in catalog if message.id}
    complaints = [f"not in messages.po: {s!r}" for s in written - set(translated)]
    complaints += [f"nobody says any more: {s!r}" for s in set(translated) - written]
    for message in translated.values():
        if not (all(message.string) if isinstance(message.string, tuple) else message.string):
            complaints.append(f"no English: {message.id!r}")
        if message.fuzzy:
            complaints.append(f"the German has changed: {message.id!r}")
        complaints += [f"placeholders differ: {message.id!r}" for _ in message.check(catalog)]
    return complaints


def codes_of(base: type[Exception]) -> Iterator[str]:
    """Codes that are raised below a base class."""
    if "code" in vars(base):
        yield vars(base)["code"]
    for below in base.__subclasses__():
        yield from codes_of(below)


def unregistered(raised: set[str], registry: set[str]) -> list[str]:
    """Codes raised and codes explained are the same."""
    return [f"{code}: add it to kernel/errors.py" for code in sorted(raised - registry)] + [
        f"{code}: nobody raises it" for code in sorted(registry - raised)
    ]
