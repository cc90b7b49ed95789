from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel.db import TenantLeak
from app.kernel.scope import NOBODY, Scope
from app.kernel.vault import DataKeyRow
from app.organisations import service
from app.organisations.tables import OrganisationRow
from tests import make


def test_the_lists_of_the_profile_are_those_of_the_table():
    lists = service.choices()
    checks = [str(item.sqltext) for item in OrganisationRow.__table_args__]
    for column, choices in {
        "kind": lists.kinds,
        "size": lists.sizes,
        "branch": lists.branches,
        "district": lists.districts,
    }.items():
        in_table = next(text for text in checks if text.startswith(f"{column} IN"))
        assert {f"'{choice.id}'" for choice in choices} == set(
            in_table.partition("(")[2].rstrip(")").split(", ")
        )


def test_every_choice_has_a_text_in_both_languages():
    lists = service.choices()
    chosen = (*lists.kinds, *lists.sizes, *lists.branches, *lists.districts)
    assert all(choice.text["de"] and choice.text["en"] for choice in chosen)
    assert (len(lists.branches), len(lists.districts)) == (12, 14)


def test_a_new_firm_has_a_key_of_its_own(kernel):
    firm_id = kernel.new_id()
    with kernel.write(Scope(organisation=firm_id)) as work:
        service.create(work, firm_id, make.profile("Blech und Söhne"))
    with kernel.read(Scope(organisation=firm_id)) as work:
        assert service.name_of(work, firm_id) == "Blech und Söhne"
        assert work.session.get(DataKeyRow, (str(firm_id), 1)) is not None


def test_nobody_makes_the_key_of_another_firm(kernel):
    with pytest.raises(TenantLeak), kernel.write(NOBODY) as work:
        service.create(work, work.new_id(), make.profile())


def test_the_database_refuses_a_size_that_nobody_can_choose(kernel):
    firm_id = kernel.new_id()
    odd = service.Profile("Blech", "firm", "13", "manufacturing", "zwickau")
    with pytest.raises(IntegrityError), kernel.write(Scope(organisation=firm_id)) as work:
        service.create(work, firm_id, odd)
