"""Finding things in a catalog, and writing locks from the command line."""

from __future__ import annotations

import pytest

from checklists import load_library
from checklists.errors import BadValue, UnknownCatalog, UnknownEdition, UnknownQuestion
from checklists.locks import main
from checklists.model import edition_number
from tests.unit.checklists.make import kmu_check, replace, small_content


def test_what_a_catalog_holds_is_found_by_its_id():
    catalog = kmu_check()
    assert catalog.area("bak").title["de"] == "Datensicherung"
    assert catalog.requirement("bak-restore").parts[0] is catalog.question("bak-restore-test")
    assert catalog.measure("m-macros-block").topic == "mailweb"
    assert catalog.topic("backup").id == "backup"
    assert catalog.area_of("bak-restore-test").id == "bak"
    assert catalog.area_of("g-remote").id == "idm"
    assert [gate.id for gate in catalog.gates_before("net")] == ["g-wifi", "g-server"]
    assert [item.id for item in catalog.requirements_of("bak")] == [
        *("bak-regular", "bak-offline", "bak-restore"),
    ]
    assert catalog.question("g-remote").missing == ()


def test_what_a_catalog_does_not_hold_is_refused():
    catalog = kmu_check()
    for find in (catalog.area, catalog.requirement, catalog.measure, catalog.topic):
        with pytest.raises(KeyError):
            find("none")
    with pytest.raises(UnknownQuestion):
        catalog.question("none")
    with pytest.raises(UnknownCatalog):
        load_library().catalog("none")
    with pytest.raises(UnknownEdition):
        load_library().catalog("kmu-check", "2020.1")


def test_editions_sort_by_number_not_by_letters():
    assert edition_number("2026.10") > edition_number("2026.9")


def test_foreign_text_in_a_message_is_short_and_harmless():
    error = BadValue("bak-restore-test", "\ud800\x1b" * 1_000)
    assert str(error).isascii()
    assert len(str(error)) < 150
    assert error.facts == {}


def test_locks_are_written_again_only_when_asked_to(tmp_path, capsys):
    folder = small_content(tmp_path)
    assert main([], folder) == 0
    replace(folder, "klein/2026.1/10-eins.yaml", "  top: true\n", "")
    assert main([], folder) == 1
    assert "content-frozen" in capsys.readouterr().err
    assert main(["--again", "klein@2026.1", "kurz@2026.1"], folder) == 0
    assert main([], folder) == 0
    assert main(["--help"], folder) == 2
    replace(folder, "topics.yaml", "- {id: alpha", "- {id: [alpha")
    assert main([], folder) == 1
