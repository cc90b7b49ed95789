"""Base of all forms, and the one way to read what was posted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import Form, PasswordField
from wtforms.validators import StopValidation

from app.kernel.errors import Malformed
from app.kernel.i18n import _, mark, spoken
from app.kernel.intake import is_address, is_one_line, read_form

NO_ADDRESS = mark("Bitte tragen Sie eine E-Mail-Adresse ein, zum Beispiel name@firma.de.")
NO_NAME = mark("Bitte schreiben Sie das in eine Zeile.")
TOO_LONG = mark("Das ist zu lang (höchstens %(n)s Zeichen).")
NO_NEW_PASSWORD = mark("Bitte denken Sie sich ein Passwort aus.")
URLENCODED = "application/x-www-form-urlencoded"


def posted() -> MultiDict[str, str]:
    """The fields of this request, checked and cleaned.

    Raises:
        Malformed: another content type, broken UTF-8, control characters, too many fields, or a
            body that broke off: half a note must not be saved as a whole one.
    """
    try:
        body = request.get_data()
    except OSError as error:
        raise Malformed("chunks") from error
    if body and request.mimetype != URLENCODED:
        raise Malformed("content type")
    if request.content_length is not None and len(body) != request.content_length:
        raise Malformed("broken off")
    return MultiDict(read_form(body))


class BaseForm(Form):
    """WTForms speaks German and English itself; it only needs to know which."""

    class Meta:
        @property
        def locales(self) -> tuple[str, ...]:
            return (spoken(),)

    def problems(self) -> dict[str, str]:
        """The first thing to say about each field."""
        return {name or "": sentences[0] for name, sentences in self.errors.items()}


def stripped(text: str | None) -> str:
    """Filter of fields: blanks at the ends are nobody's intention."""
    return (text or "").strip()


def an_address(_form: Form, field: Any) -> None:
    """Validator: one e-mail address."""
    if not is_address(field.data or ""):
        raise StopValidation(_(NO_ADDRESS))


def a_name(_form: Form, field: Any) -> None:
    """Validator: one line without signs that turn the writing direction."""
    if not is_one_line(field.data or ""):
        raise StopValidation(_(NO_NAME))


@dataclass(frozen=True, slots=True)
class Asked:
    """Validator: something must be given; the sentence says in our words what."""

    sentence: str

    def __call__(self, _form: Form, field: Any) -> None:
        if not field.data:
            raise StopValidation(_(self.sentence))


@dataclass(frozen=True, slots=True)
class OneOf:
    """Validator: one of a few ids; nothing given is wrong too."""

    ids: Collection[str]
    sentence: str

    def __call__(self, _form: Form, field: Any) -> None:
        if field.data not in self.ids:
            raise StopValidation(_(self.sentence))


@dataclass(frozen=True, slots=True)
class AtMost:
    """Validator: so many characters."""

    limit: int

    def __call__(self, _form: Form, field: Any) -> None:
        if len(field.data or "") > self.limit:
            raise StopValidation(_(TOO_LONG, n=self.limit))


class NewPasswordForm(BaseForm):
    """Only asks whether there is one; which are taken depends on firm and address."""

    password = PasswordField(validators=[Asked(NO_NEW_PASSWORD)])

    def read(self) -> str:
        return str(self.password.data)
