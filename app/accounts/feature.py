"""What this feature brings to the whole."""

from __future__ import annotations

from app.web.feature import Feature

feature = Feature(
    "accounts",
    blueprints=("app.accounts.views:blueprint",),
    passes=("app.accounts.service:sweep_sessions",),
    tables=("app.accounts.tables",),
)
