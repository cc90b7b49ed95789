"""What people send about checks. Which answers a question offers, the room decides."""

from __future__ import annotations

from uuid import UUID

from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.validators import InputRequired, Length, NumberRange

from app.assessments.service import AnswerGiven
from app.kernel.i18n import LANGUAGES, _, mark
from app.web.forms import BaseForm
from checklists.model import Value

CHOOSE = mark("Bitte wählen Sie eine Antwort.")
NOTE_TOO_LONG = mark("Die Notiz ist zu lang. Höchstens 4.000 Zeichen passen hinein.")
ASK_TOO_LONG = mark("Das ist zu lang. Höchstens 100 Zeichen passen hinein.")
MOST_REVISIONS = 2**31 - 1


class AnswerForm(BaseForm):
    """One question."""

    value = RadioField(
        choices=[SelectChoice(value.value) for value in Value],
        validators=[InputRequired(CHOOSE)],
        validate_choice=False,
    )
    missing = SelectMultipleField(validate_choice=False)
    note = TextAreaField(validators=[Length(max=4000, message=NOTE_TOO_LONG)])
    ask = StringField(validators=[Length(max=100, message=ASK_TOO_LONG)])
    revision = IntegerField(validators=[InputRequired(), NumberRange(0, MOST_REVISIONS)])

    def read(self) -> AnswerGiven:
        """End the untyped border; call it on an invalid form only to show it again."""
        return AnswerGiven(
            value=self.value.data or "",
            note=(self.note.data or "").strip(),
            missing=tuple(self.missing.data or ()),
            ask=(self.ask.data or "").strip(),
            seen_revision=self.revision.data or 0,
        )

    def sentences(self) -> dict[str, str]:
        """The first thing to say about each field, in the visitor's language."""
        return {name: _(sentence) for name, sentence in self.problems().items()}


class StartForm(BaseForm):
    """Begin a check; carries the id of the run to be made."""

    id = HiddenField(validators=[InputRequired(), validators.UUID()])
    catalog = HiddenField(validators=[InputRequired(), Length(max=40)])

    def read(self) -> tuple[UUID, str]:
        return UUID(self.id.data), self.catalog.data


class AgainForm(BaseForm):
    """Begin a new run; carries the id of the run to be made."""

    id = HiddenField(validators=[InputRequired(), validators.UUID()])

    def read(self) -> UUID:
        return UUID(self.id.data)


class ReportForm(BaseForm):
    """Ask for a report; carries its id."""

    id = HiddenField(validators=[InputRequired(), validators.UUID()])
    language = RadioField(choices=[SelectChoice(language) for language in LANGUAGES])

    def read(self) -> tuple[UUID, str]:
        return UUID(self.id.data), self.language.data
