"""What people type to sign in."""

from __future__ import annotations

from dataclasses import dataclass

from wtforms import PasswordField, StringField

from app.kernel.i18n import LANGUAGES, mark
from app.web.forms import Asked, BaseForm, OneOf, an_address, stripped

ADDRESS_ASKED = mark("Bitte tragen Sie Ihre E-Mail-Adresse ein.")
PASSWORD_ASKED = mark("Bitte tragen Sie Ihr Passwort ein.")
LANGUAGE_ASKED = mark("Bitte wählen Sie eine Sprache.")


@dataclass(frozen=True, slots=True)
class Credentials:
    email: str
    password: str
    next: str


class SignInForm(BaseForm):
    email = StringField(filters=[stripped], validators=[Asked(ADDRESS_ASKED)])
    password = PasswordField(validators=[Asked(PASSWORD_ASKED)])
    next = StringField(filters=[stripped])

    def read(self) -> Credentials:
        return Credentials(self.email.data, self.password.data, self.next.data)


class ForgotForm(BaseForm):
    email = StringField(filters=[stripped], validators=[Asked(ADDRESS_ASKED), an_address])

    def read(self) -> str:
        return str(self.email.data)


class LanguageForm(BaseForm):
    language = StringField(validators=[OneOf(LANGUAGES, LANGUAGE_ASKED)])

    def read(self) -> str:
        return str(self.language.data)
