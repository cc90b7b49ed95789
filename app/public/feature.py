"""What this feature brings to the whole."""

from __future__ import annotations

from app.kernel.i18n import mark
from app.web.feature import Feature, MenuItem

feature = Feature(
    "public",
    blueprints=("app.public.views:blueprint",),
    development_blueprints=("app.public.development:blueprint",),
    passes=("app.public.service:sweep_pending",),
    tables=("app.public.tables",),
    menu=(
        MenuItem(mark("Kurz-Check"), "public.quick_check", "guest", 1),
        MenuItem(mark("KMU-Check"), "public.show_register", "guest", 2),
    ),
    foot=(
        MenuItem(mark("Datenschutz"), "public.privacy", "all", 1),
        MenuItem(mark("Barrierefreiheit"), "public.accessibility", "all", 2),
        MenuItem(mark("Impressum"), "public.imprint", "all", 3),
    ),
)
