"""The door of what guests see."""

from __future__ import annotations

from app.public.service.legal import LegalPage, LegalText, legal_page, security_txt
from app.public.service.quick_check import (
    KEPT_FOR,
    Given,
    QuickQuestion,
    QuickResult,
    begin,
    open_kept,
    seal_kept,
    turn,
)
from app.public.service.registering import (
    Pending,
    Registration,
    Welcome,
    confirm,
    pending_behind,
    register,
    sweep_pending,
)

__all__ = [
    "KEPT_FOR",
    "Given",
    "LegalPage",
    "LegalText",
    "Pending",
    "QuickQuestion",
    "QuickResult",
    "Registration",
    "Welcome",
    "begin",
    "confirm",
    "legal_page",
    "open_kept",
    "pending_behind",
    "register",
    "seal_kept",
    "security_txt",
    "sweep_pending",
    "turn",
]
