"""What this feature brings to the whole."""

from __future__ import annotations

from app.web.feature import Feature

feature = Feature("organisations", tables=("app.organisations.tables",))
