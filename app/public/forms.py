"""What guests type."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict
from wtforms import StringField

from app.kernel.i18n import mark, spoken
from app.organisations import service as organisations
from app.organisations.service import NAME_LENGTH, Choice, Profile
from app.public.service import Given, Registration
from app.web.forms import Asked, AtMost, BaseForm, OneOf, a_name, an_address, stripped

PERSON_LENGTH = 100

CHOICES = organisations.choices()


def _ids(choices: tuple[Choice, ...]) -> frozenset[str]:
    return frozenset(choice.id for choice in choices)


class RegisterForm(BaseForm):
    firm = StringField(
        filters=[stripped],
        validators=[
            Asked(mark("Bitte tragen Sie den Namen Ihrer Firma ein.")),
            AtMost(NAME_LENGTH),
            a_name,
        ],
    )
    kind = StringField(
        validators=[OneOf(_ids(CHOICES.kinds), mark("Bitte wählen Sie, wer Sie sind."))]
    )
    size = StringField(
        validators=[OneOf(_ids(CHOICES.sizes), mark("Bitte wählen Sie, wie groß Ihre Firma ist."))]
    )
    branch = StringField(
        validators=[OneOf(_ids(CHOICES.branches), mark("Bitte wählen Sie Ihre Branche."))]
    )
    district = StringField(
        validators=[OneOf(_ids(CHOICES.districts), mark("Bitte wählen Sie Ihren Kreis."))]
    )
    name = StringField(
        filters=[stripped],
        validators=[
            Asked(mark("Bitte tragen Sie Ihren Namen ein.")),
            AtMost(PERSON_LENGTH),
            a_name,
        ],
    )
    email = StringField(
        filters=[stripped],
        validators=[Asked(mark("Bitte tragen Sie Ihre E-Mail-Adresse ein.")), an_address],
    )
    homepage = StringField()  # the trap: people never see it

    def read(self) -> Registration:
        profile = Profile(
            self.firm.data, self.kind.data, self.size.data, self.branch.data, self.district.data
        )
        return Registration(profile, self.name.data, self.email.data, spoken())

    def shown(self) -> dict[str, str]:
        """What was typed, for the page that shows it again."""
        return {name: value or "" for name, value in self.data.items()}

    def typed(self) -> tuple[tuple[str, str], ...]:
        """The same without the trap, for hidden fields."""
        return tuple(pair for pair in self.shown().items() if pair[0] != "homepage")


def read_quick_check(fields: MultiDict[str, str]) -> Given:
    """Read a page of the quick check: every field but two is an answer."""
    values = {key: value for key, value in fields.items() if key not in {"here", "back"}}
    return Given(fields.get("here", ""), "back" in fields, values)
