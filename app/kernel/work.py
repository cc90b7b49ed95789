"""The unit of work: one transaction, one instant, one scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import CursorResult, Engine, Executable, Select, select
from sqlalchemy.exc import OperationalError, TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.kernel.audit import Audit
from app.kernel.db import Owned, Table, TenantLeak, sessions
from app.kernel.errors import Busy, DiskFull
from app.kernel.ids import new_id, utc_now
from app.kernel.jobs import Job, Jobs
from app.kernel.scope import Scope
from app.kernel.settings import Settings
from app.kernel.vault import Vault

OwnedTable = TypeVar("OwnedTable", bound=Owned)

PASSING = ("locked", "lock timeout", "deadlock", "connection", "shutting down")
"""Words of both databases for what a moment later may be over."""

BUSY_S = 5
"""As long as SQLite's busy timeout: whoever waits longer is told to come again."""

_writing: ContextVar[bool] = ContextVar("writing", default=False)


@dataclass(frozen=True, slots=True)
class Work:
    """What one act stands on; made by `Kernel.read` and `Kernel.write` only."""

    session: Session
    now: datetime
    scope: Scope
    new_id: Callable[[], UUID]
    vault: Vault
    audit: Audit
    jobs: Jobs
    settings: Settings

    @property
    def organisation_id(self) -> UUID:
        """The firm for which this work is done."""
        if self.scope.organisation is None:
            raise TenantLeak("no firm in scope")
        return self.scope.organisation

    def run(
        self, statement: Executable, facts: Mapping[str, object]
    ) -> CursorResult[*tuple[Any, ...]]:
        """Execute a Core statement without the session's bookkeeping: for hot paths.

        Args:
            statement: built once, with `bindparam`s.
            facts: their values.
        """
        return self.session.connection().execute(statement, facts)

    def add(self, row: Table) -> None:
        """Insert a complete row at once, so that rows which point to it may follow."""
        self.session.add(row)
        self.session.flush()


def mine(work: Work, row: type[OwnedTable]) -> Select[OwnedTable]:
    """Select rows of the firm in scope; narrow it with `with_only_columns` for lists."""
    return select(row).where(row.organisation_id == work.organisation_id)


@dataclass(frozen=True, slots=True)
class Kernel:
    """What lives as long as the process."""

    settings: Settings
    engine: Engine
    root_key: AESGCM
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], UUID] = new_id
    _one_writer: Lock = field(default_factory=Lock, repr=False)

    def at(self, now: datetime) -> Kernel:
        """The same kernel with its clock stopped at a time."""
        return replace(self, clock=lambda: now)

    @contextmanager
    def write(self, scope: Scope) -> Iterator[Work]:
        """Commit at the end of the block, roll back on any exception.

        Raises:
            Busy: another writer held the database for five seconds.
            DiskFull: nothing can be written; nothing was.
        """
        if _writing.get():
            raise RuntimeError("write() inside write() waits for itself: pass the work on")
        with ExitStack() as held:
            if self.engine.dialect.name == "sqlite":
                # SQLite only polls: a thread could wait its five seconds in vain.
                if not self._one_writer.acquire(timeout=BUSY_S):
                    raise Busy
                held.callback(self._one_writer.release)
            token = _writing.set(True)
            held.callback(_writing.reset, token)
            with self._work(scope, writes=True) as work:
                yield work

    @contextmanager
    def read(self, scope: Scope) -> Iterator[Work]:
        """The database refuses to write inside this block.

        Raises:
            Busy: the database did not answer in time.
        """
        with self._work(scope, writes=False) as work:
            yield work

    @contextmanager
    def side_write(self, scope: Scope) -> Iterator[Work]:
        """A small write beside the act: limits, "was seen". A house test lists the places."""
        with self.write(scope) as work:
            yield work

    @contextmanager
    def _work(self, scope: Scope, *, writes: bool) -> Iterator[Work]:
        with _spoken_errors(), self.engine.connect() as connection:
            # On the connection, not on the engine: a second engine per act costs twice as much.
            connection.execution_options(
                lotse_write=writes, postgresql_readonly=not writes, lotse_scope=scope
            )
            with sessions(bind=connection, autoflush=writes) as session, session.begin():
                session.connection()  # BEGIN before the clock: `now` grows with the commits
                now = self.clock()
                vault = Vault(self.root_key, session, scope)
                audit = Audit(session, now, scope)
                jobs = Jobs(session, now, scope, vault)
                yield Work(session, now, scope, self.new_id, vault, audit, jobs, self.settings)


@contextmanager
def _spoken_errors() -> Iterator[None]:
    """Turn what the database says about its own state into what a person can act on."""
    try:
        yield
    except PoolTimeout as error:
        raise Busy from error
    except OperationalError as error:
        said = str(error.orig).lower()
        if ("disk" in said and "full" in said) or "no space left" in said:
            raise DiskFull from error
        if any(word in said for word in PASSING):
            raise Busy from error
        raise


Handler = Callable[[Kernel, Job], None]
"""Does one kind of job: reads, then renders or sends outside any transaction, then writes."""
