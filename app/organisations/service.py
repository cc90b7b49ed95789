"""The door of organisations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from app.kernel.db import core
from app.kernel.work import Work
from app.organisations.tables import OrganisationRow
from checklists.reading import read_yaml

PROFILE = Path(__file__).parent / "data/profile.yaml"
NAME_LENGTH = 120
"""Characters of a firm's name; the pages are tried with this many."""


NAME = select(core(OrganisationRow).c.name).where(core(OrganisationRow).c.id == bindparam("firm"))
"""Runs at every page: built once, without ORM objects."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a firm says about itself; all but the name are ids of `choices()`."""

    name: str
    kind: str
    size: str
    branch: str
    district: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list, with its text in each language."""

    id: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a firm may choose from, in the order in which it is shown."""

    kinds: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    branches: tuple[Choice, ...]
    districts: tuple[Choice, ...]


@cache
def choices() -> Choices:
    """The lists of `data/profile.yaml`, read once.

    Raises:
        ValueError: the file cannot be read; the message lists every place.
    """
    tree, problems = read_yaml(PROFILE.read_text(encoding="utf-8"), PROFILE.name)
    if problems:
        raise ValueError("\n".join(map(str, problems)))
    return Choices(**{name: _choices(items) for name, items in tree.value.items()})


def create(work: Work, organisation_id: UUID, profile: Profile) -> None:
    """Add a firm and make its key.

    Args:
        work: its scope carries the new firm, for nobody else may make that firm's key.
        organisation_id: made before the row.
        profile: checked by the form.
    """
    work.add(
        OrganisationRow(
            id=organisation_id,
            name=profile.name,
            kind=profile.kind,
            size=profile.size,
            branch=profile.branch,
            district=profile.district,
            created_at=work.now,
        )
    )
    work.vault.make_key(organisation_id)
    work.audit.record("firm-added", organisation_id)


def name_of(work: Work, organisation_id: UUID) -> str:
    """Return the name of a firm that exists."""
    return str(work.run(NAME, {"firm": organisation_id}).scalar_one())


def lock(work: Work, organisation_id: UUID) -> None:
    """Hold a firm until the end of the work, where two at once would each make "the one"."""
    query = select(OrganisationRow.id).where(OrganisationRow.id == organisation_id)
    work.session.scalars(query.with_for_update()).one()


def _choices(items: list[dict[str, Any]]) -> tuple[Choice, ...]:
    return tuple(Choice(item["id"], {"de": item["de"], "en": item["en"]}) for item in items)
