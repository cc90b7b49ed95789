"""Firms. Name and class of a firm are no secret; everything it tells us is sealed elsewhere."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Table


class OrganisationRow(Table):
    """Not `Owned`: it is what firm-owned rows point to.

    The lists in the checks are those of `data/profile.yaml`; a test compares them.
    """

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("kind IN ('firm', 'provider')", name="kind"),
        CheckConstraint("size IN ('1-9', '10-49', '50-249', '250+')", name="size"),
        CheckConstraint(
            "branch IN ('manufacturing', 'construction', 'trade', 'transport', 'information',"
            " 'technical', 'services', 'energy', 'water', 'agriculture', 'health', 'other')",
            name="branch",
        ),
        CheckConstraint(
            "district IN ('bautzen', 'chemnitz', 'dresden', 'erzgebirgskreis', 'goerlitz',"
            " 'leipzig', 'leipzig-land', 'meissen', 'mittelsachsen', 'nordsachsen',"
            " 'saechsische-schweiz-osterzgebirge', 'vogtlandkreis', 'zwickau', 'elsewhere')",
            name="district",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    size: Mapped[str]
    branch: Mapped[str]
    district: Mapped[str]
    created_at: Mapped[datetime]
