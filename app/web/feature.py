"""What a feature brings to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the main menu.

    Attributes:
        label: German sentence, marked for translation.
        endpoint: where it leads.
        seen_by: guests, people with a firm, or both.
        order: smaller stands further left.
        covers_feature: every page of the same blueprint stands under this entry.
    """

    label: str
    endpoint: str
    seen_by: Literal["guest", "firm", "all"]
    order: int
    covers_feature: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """Names, not objects (`"module:attribute"`): `main` resolves them when they are used.

    Attributes:
        development_blueprints: pages that production does not have.
    """

    name: str
    blueprints: tuple[str, ...] = ()
    development_blueprints: tuple[str, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    jobs: Mapping[str, str] = field(default_factory=dict)
    passes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    menu: tuple[MenuItem, ...] = ()
    foot: tuple[MenuItem, ...] = ()
