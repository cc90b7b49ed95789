"""What this feature brings to the whole."""

from __future__ import annotations

from app.kernel.i18n import mark
from app.web.feature import Feature, MenuItem

feature = Feature(
    "assessments",
    blueprints=("app.assessments.views:blueprint",),
    commands={
        "checklists": "app.assessments.content_cli:checklists",
        "score": "app.assessments.content_cli:score",
    },
    jobs={"report": "app.assessments.jobs:make_report"},
    passes=("app.assessments.jobs:drop_old_reports",),
    tables=("app.assessments.tables",),
    menu=(MenuItem(mark("Checks"), "assessments.show_checks", "firm", 0, covers_feature=True),),
)
