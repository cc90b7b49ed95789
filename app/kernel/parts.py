"""What `main` hands to the commands that start the service: builders, called when needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from app.kernel.work import Kernel
    from app.kernel.worker import Worker


@dataclass(frozen=True, slots=True)
class Parts:
    """Builders of the whole.

    Attributes:
        metadata: all tables.
        create_app: the web application around a kernel (a WSGI callable).
        create_worker: the worker around a kernel.
    """

    metadata: Callable[[], MetaData]
    create_app: Callable[[Kernel], Any]
    create_worker: Callable[[Kernel], Worker]
