"""From an empty folder to a running instance, and what stops that."""

from __future__ import annotations

import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, inspect, select, text

from app.kernel.errors import (
    BadSetting,
    Migrating,
    NewKeyRefused,
    RootKeyMissing,
    SchemaAhead,
    StartRefused,
    WrongRootKey,
)
from app.kernel.scope import NOBODY, everything
from app.kernel.settings import Settings
from app.kernel.start import MIGRATIONS, head, init, open_kernel
from app.kernel.vault import CanaryRow, DataKeyRow
from app.main import metadata
from tests import postgres
from tests.conftest import BASE_URL


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data", base_url=BASE_URL)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request, settings):
    """Settings of an instance that does not exist yet, on each database."""
    if request.param == "sqlite":
        return settings
    server = request.getfixturevalue("postgres_server")
    return replace(settings, database_url=postgres.fresh_database(server))


def begin(settings, *, new_key=False):
    init(settings, metadata(), new_key=new_key).engine.dispose()


def opens(settings):
    open_kernel(settings).engine.dispose()


def stamp(settings, version):
    kernel = open_kernel(settings)
    with kernel.write(everything("test")) as work:
        work.session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    kernel.engine.dispose()


def test_init_makes_all_that_is_needed_and_again_nothing(empty):
    begin(empty)
    key = empty.root_key_path.read_bytes()
    kernel = init(empty, metadata())
    with kernel.read(NOBODY) as work:
        assert sorted(work.session.scalars(select(DataKeyRow.owner))) == ["centre", "index"]
        assert len(work.session.scalars(select(CanaryRow.id)).all()) == 1
    kernel.engine.dispose()
    assert empty.root_key_path.read_bytes() == key
    opens(empty)


def test_the_root_key_is_for_one_account_only(settings):
    begin(settings)
    assert settings.root_key_path.stat().st_mode & 0o777 == 0o600
    assert settings.root_key_path.parent.stat().st_mode & 0o777 == 0o700
    assert settings.data.stat().st_mode & 0o777 == 0o700
    assert len(settings.root_key_path.read_bytes()) == 32


def test_many_that_begin_at_once_make_one_instance(empty):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(begin, [empty] * 4))
    opens(empty)


def test_a_key_whose_making_was_interrupted_is_made_anew(settings):
    settings.root_key_path.parent.mkdir(parents=True)
    settings.root_key_path.with_name(".root.key").write_bytes(b"half")
    begin(settings)
    assert len(settings.root_key_path.read_bytes()) == 32


def test_a_database_without_its_key_is_not_given_a_new_one(empty):
    begin(empty)
    empty.root_key_path.unlink()
    for way in (begin, opens):
        with pytest.raises(RootKeyMissing) as refused:
            way(empty)
        assert refused.value.what == str(empty.root_key_path)
        assert not empty.root_key_path.exists()


@pytest.fixture
def in_production(empty, tmp_path):
    key = tmp_path / "keys" / "root.key"
    return replace(empty, environment="production", root_key_file=str(key))


def test_production_never_makes_a_key_unasked(in_production):
    with pytest.raises(RootKeyMissing):
        begin(in_production)
    assert not in_production.root_key_path.exists()


def test_production_makes_its_first_key_when_asked(in_production):
    begin(in_production, new_key=True)
    assert in_production.root_key_path.stat().st_mode & 0o777 == 0o600
    opens(in_production)
    begin(in_production)


def test_a_key_that_is_there_is_never_overwritten(in_production):
    path = in_production.root_key_path
    path.parent.mkdir()
    path.write_bytes(bytes(32))
    for _ in range(2):  # before there is a database, and after
        with pytest.raises(NewKeyRefused):
            begin(in_production, new_key=True)
        assert path.read_bytes() == bytes(32)
        begin(in_production)


def test_a_database_that_has_a_key_gets_no_new_one(in_production):
    begin(in_production, new_key=True)
    in_production.root_key_path.unlink()
    with pytest.raises(NewKeyRefused):
        begin(in_production, new_key=True)
    assert not in_production.root_key_path.exists()


def test_a_data_folder_that_cannot_be_is_said_in_a_line(settings, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StartRefused, match="LOTSE_DATA"):
        init(replace(settings, data=tmp_path / "file" / "data"), metadata())


def test_a_database_that_does_not_answer_is_said_in_a_line(settings):
    away = replace(settings, database_url="postgresql+psycopg://lotse:geheim@127.0.0.1:1/lotse")
    for begin in (lambda: init(away, metadata()), lambda: open_kernel(away)):
        with pytest.raises(StartRefused, match="antwortet nicht") as refused:
            begin()
        assert "geheim" not in str(refused.value)


def test_a_file_that_is_no_database_is_said_in_a_line(settings):
    settings.data.mkdir()
    (settings.data / "lotse.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StartRefused, match="antwortet nicht"):
        init(settings, metadata())


def test_an_address_of_a_database_that_cannot_be_read_names_its_setting(settings):
    with pytest.raises(BadSetting, match="LOTSE_DATABASE_URL"):
        init(replace(settings, database_url="postgresql+psycopg://127.0.0.1:x/lotse"), metadata())


def test_a_key_that_cannot_be_read_is_said_in_a_line(settings, tmp_path):
    with pytest.raises(RootKeyMissing, match="Is a directory"):
        init(replace(settings, root_key_file=str(tmp_path)), metadata())


def test_a_key_of_the_wrong_length_is_none(settings):
    begin(settings)
    settings.root_key_path.write_bytes(b"short")
    with pytest.raises(RootKeyMissing, match="5 bytes"):
        opens(settings)


def test_the_wrong_key_is_known_at_the_start(empty):
    begin(empty)
    empty.root_key_path.write_bytes(bytes(32))
    for way in (begin, opens):
        with pytest.raises(WrongRootKey) as refused:
            way(empty)
        assert refused.value.what == str(empty.root_key_path)


def test_a_newer_database_stops_older_code(empty):
    begin(empty)
    stamp(empty, "9999")
    for way in (begin, opens):
        with pytest.raises(SchemaAhead, match="9999"):
            way(empty)


def test_an_older_database_waits_for_its_migration(empty):
    begin(empty)
    stamp(empty, "0000")
    with pytest.raises(Migrating):
        opens(empty)


def test_what_was_never_begun_cannot_be_opened(empty):
    with pytest.raises(Migrating):
        opens(empty)
    assert not (empty.data / "lotse.db").exists()


def test_migrations_are_one_line():
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [head()]
    revisions = list(script.walk_revisions())
    assert len(script.get_bases()) == 1
    for revision in revisions:
        assert revision.path.rpartition("/")[2].startswith(f"{revision.revision}_")


def test_upgrading_from_nothing_makes_what_the_code_describes(empty):
    begin(empty)
    engine = create_engine(empty.database)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata()) == []
    engine.dispose()


def test_constraints_bear_the_names_that_the_code_gives_them(empty):
    """Batch mode on SQLite finds a constraint by its name."""
    begin(empty)
    engine = create_engine(empty.database)
    found = inspect(engine)
    for table in metadata().sorted_tables:
        named = {str(check.name) for check in table.constraints if "ck_" in str(check.name)}
        assert {check["name"] for check in found.get_check_constraints(table.name)} == named
        keys = {str(key.name) for key in table.foreign_key_constraints}
        assert {key["name"] for key in found.get_foreign_keys(table.name)} == keys
    engine.dispose()


def kill_at(settings, number):
    """Begin in a process that dies before its change `number`; say whether it came to that."""
    child = os.fork()
    if child == 0:
        counter = count()

        def die(_connection, _cursor, statement, *_rest):
            looks = statement.lstrip().startswith(("SELECT", "PRAGMA", "BEGIN"))
            if not looks and next(counter) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", die)
        try:
            begin(settings)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def schema_in(folder):
    """All that a database file contains, as its own words."""
    database = sqlite3.connect(folder / "lotse.db")
    made = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    tables = {name for name, _sql in made}
    version = "alembic_version" in tables and tuple(
        database.execute("SELECT version_num FROM alembic_version").fetchall()
    )
    keys = "data_keys" in tables and database.execute("SELECT count(*) FROM data_keys").fetchone()
    database.close()
    return repr((made, version, keys))


def test_a_beginning_that_is_killed_at_any_statement_goes_on_later(tmp_path):
    """Killed before each statement in turn; from every state so left, `init` reaches the end."""
    left: dict[str, Settings] = {}
    number, settings = 0, Settings(data=tmp_path / "0", base_url=BASE_URL)
    while kill_at(settings, number):
        left.setdefault(schema_in(settings.data), settings)
        number += 1
        settings = replace(settings, data=tmp_path / str(number))
    assert number > 30
    whole = schema_in(settings.data)
    for settings in left.values():
        begin(settings)
        opens(settings)
        assert schema_in(settings.data) == whole
    # Nothing, an empty version table, each whole migration; never half of one.
    revisions = len(list((MIGRATIONS / "versions").glob("[0-9]*.py")))
    assert len(left) <= revisions + 2


@pytest.mark.postgres
def test_a_beginning_on_postgresql_that_is_killed_goes_on_later(postgres_server, tmp_path):
    for number in (0, 5, 12, 20):
        url = postgres.fresh_database(postgres_server)
        settings = Settings(tmp_path / str(number), base_url=BASE_URL, database_url=url)
        assert kill_at(settings, number)
        begin(settings)
        opens(settings)
