"""The product's own content: complete, in both languages, in plain words."""

from __future__ import annotations

import re
from datetime import date

import pytest

from checklists import freeze, load_library, validate
from checklists.checking import schema
from checklists.loading import CONTENT, read_content
from tests.unit.checklists.make import kmu_check, quick_check

LIBRARY = load_library()
WORDS = kmu_check().words

TOP = (
    "org-lead idm-password idm-mfa idm-admin bak-regular bak-offline bak-restore upd-timely "
    "mal-scanner net-firewall"
)
PARTS = {
    "org": (
        "lead-owner lead-review role-person role-provider rules-short training-yearly "
        "training-phishing confidential-staff confidential-external incident-who incident-card "
        "mobile-rules mobile-encrypt private-rule"
    ),
    "idm": (
        "accounts-personal accounts-rights leave-exit leave-check password-rule "
        "password-default mfa-mail mfa-remote admin-daily admin-known"
    ),
    "bak": "regular-daily regular-cloud offline-copy offline-place restore-test restore-plan",
    "upd": "timely-clients timely-devices eol-office eol-machine change-source change-plan",
    "mal": "scanner-active scanner-alert mail-macros mail-filter media-usb",
    "net": (
        "inventory-list firewall-edge firewall-zones remote-encrypted remote-release "
        "wifi-secure room-room"
    ),
}
QUICK = (
    "org-incident-who org-training-phishing idm-password-rule idm-mfa-mail idm-admin-daily "
    "bak-regular-daily bak-offline-copy bak-restore-test upd-timely-clients net-remote-release"
)
GATED = {
    "g-mobile": ("org", {"org-mobile"}),
    "g-private": ("org", {"org-private"}),
    "g-remote": ("idm", {"idm-mfa-remote", "net-remote"}),
    "g-cloud": ("bak", {"bak-regular-cloud"}),
    "g-wifi": ("net", {"net-wifi"}),
    "g-server": ("net", {"net-room"}),
}
SCAN = {
    "idm-accounts-rights": (
        (
            "smb-guest ftp-anonymous nfs-open rsync-open redis-open memcached-open mongodb-open "
            "elastic-open etcd-open docker-open"
        ),
        "tftp-open",
    ),
    "idm-password-default": ("snmp-public", "print-admin-open mqtt-anonymous"),
    "upd-eol-office": ("", "os-unsupported smb1-enabled"),
    "upd-eol-machine": ("flat-network", "os-unsupported smb1-enabled"),
    "upd-timely-devices": ("ssh-v1", "tls-old tls-weak-cipher ssh-weak tls-cert-expired"),
    "net-firewall-zones": (
        "flat-network",
        (
            "db-reachable ipmi-reachable ot-modbus ot-s7 ot-enip ot-bacnet ot-opcua ot-opcua-none "
            "ot-other"
        ),
    ),
    "net-firewall-edge": ("", "upnp-igd proxy-open"),
    "net-remote-encrypted": ("", "telnet-open rsh-open ftp-plain x11-open vnc-open"),
    "net-remote-release": ("", "vnc-open vnc-weak rdp-no-nla"),
    "bak-offline-copy": ("", "smb-guest nfs-open rsync-open"),
    "g-server": ("", "db-reachable nfs-open docker-open"),
}


def texts(value, path=""):
    """Yield every text of one language with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, f"{path}.{key}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from texts(item, f"{path}[{position}]")
    elif isinstance(value, str) and re.search(r"\.(de|en)$", path):
        yield path, value


ALL_TEXTS = [
    (path, text)
    for catalog in LIBRARY.catalogs
    for path, text in texts(freeze(catalog), catalog.id)
    if ".words.notices." not in path
]


def test_content_has_no_mistakes():
    assert validate() == []


def test_both_catalogs_are_published_under_lock():
    content, _ = read_content(CONTENT)
    assert set(content.locks) == {"ids.lock", "editions.lock"}
    assert set(content.locks["editions.lock"].value) == {"kmu-check@2026.1", "kurzcheck@2026.1"}
    ids = content.locks["ids.lock"].value
    for catalog in LIBRARY.catalogs:
        for item in (*catalog.requirements, *catalog.questions, *catalog.measures):
            assert ids[item.id]["first"] == "2026.1"


def test_the_kmu_check_has_the_size_it_promises():
    catalog = kmu_check()
    assert (len(catalog.areas), len(catalog.requirements), len(catalog.parts)) == (6, 27, 48)
    assert (len(catalog.gates), len(catalog.questions)) == (6, 54)
    assert [item.id for item in catalog.requirements if item.top] == TOP.split()
    assert [part.id for part in catalog.parts] == [
        f"{area}-{part}" for area, parts in PARTS.items() for part in parts.split()
    ]


def test_the_quick_check_has_its_ten_questions_in_their_order():
    assert [part.id for part in quick_check().parts] == QUICK.split()
    assert quick_check().gates == ()


def test_gates_hide_what_they_are_meant_to_hide():
    catalog = kmu_check()
    found = {
        gate.id: (
            gate.before,
            {item.id for item in (*catalog.requirements, *catalog.parts) if item.gate == gate.id},
        )
        for gate in catalog.gates
    }
    assert found == GATED


def test_scan_keys_stand_where_a_finding_may_contradict_or_hint():
    catalog = kmu_check()
    found = {}
    for question in catalog.questions:
        if question.scan:
            contradicts = "contradicts_no" if question.id == "g-server" else "contradicts_yes"
            found[question.id] = (
                " ".join(question.scan.get(contradicts, ())),
                " ".join(question.scan.get("hint", ())),
            )
    assert found == SCAN


@pytest.mark.parametrize("part", kmu_check().parts, ids=lambda part: part.id)
def test_a_part_offers_what_its_reader_needs(part):
    assert part.sources["gspp"]
    assert part.knows
    assert part.see["de"]
    if part.missing:
        assert 2 <= len(part.missing) <= 5
    for value, choice in part.answers.items():
        assert choice.label["de"]
        assert (choice.why is None) == (value in {"partly", "not_applicable"})


def test_every_measure_of_a_check_is_reached_by_one_of_its_parts():
    catalog = kmu_check()
    named = [part.measure for part in catalog.parts]
    assert len(named) == len(set(named)) == 48
    assert [measure.id for measure in catalog.measures] == named


def test_the_22_topics_are_there():
    content, _ = read_content(CONTENT)
    assert " ".join(topic["id"] for topic in content.topics.value) == (
        "lead people providers incident continuity assets accounts login backup updates malware "
        "mailweb clients mobile network remote cloud site data production law product"
    )


@pytest.mark.parametrize(
    "word",
    [r"CyberRisikoCheck", r"DIN SPEC", r"27076", r"zertifizier", r"certif", r"\bkonform", r"Ampel"],
)
def test_no_text_promises_what_a_self_check_is_not(word):
    assert [path for path, text in ALL_TEXTS if re.search(word, text)] == []


@pytest.mark.parametrize(
    "word", ["sicher", "geschützt", "konform", "bestanden", "Note", "Ampel", "secure", "passed"]
)
def test_no_result_text_gives_a_verdict(word):
    result_words = ("statements", "states", "explain", "because", "steps")
    for path, text in texts(freeze(kmu_check())["words"]):
        if path.split(".")[1] in result_words:
            assert not re.search(rf"\b{word}\b", text), path


def test_texts_are_calm_and_tidy():
    for path, text in ALL_TEXTS:
        assert "!" not in text, path
        assert text == text.strip(), path
        assert "  " not in text, path
        if path.endswith(".de"):
            assert '"' not in text, path
            assert text.count("„") == text.count("“"), path
            assert not re.search(r"\b(Unternehmen|Kunde des Dienstes)\b", text), path


def test_every_question_ends_as_a_question_and_every_see_as_a_sentence():
    for question in kmu_check().questions:
        for lang in ("de", "en"):
            assert question.text[lang].endswith("?"), question.id
            assert question.see[lang][-1] in ".?“'", question.id


def test_what_may_stop_a_machine_carries_the_safety_text_at_question_and_measure():
    catalog = kmu_check()
    careful = {part.measure for part in catalog.parts if part.safety == "touch_nothing"}
    assert careful >= {measure.id for measure in catalog.measures if measure.safety}
    for measure in ("m-password-default", "m-eol-isolate", "m-network-zones", "m-remote-release"):
        assert catalog.measure(measure).safety == "touch_nothing"
    assert WORDS.safety["touch_nothing"] == WORDS.notices["ot_safety"]


def test_every_notice_is_there_in_both_languages():
    for key in ("self_check", "points_note", "duties_note", "ot_safety", "reviewed_note"):
        assert set(WORDS.notices[key]) >= {"de", "en"}
    for catalog in LIBRARY.catalogs:
        assert catalog.notice == "self_check"


def test_the_roles_of_the_schema_have_words():
    roles = schema("requirements")["$defs"]["part"]["properties"]["knows"]["items"]["enum"]
    assert list(WORDS.roles) == roles


def test_dates_of_looking_again_lie_behind_publication():
    for catalog in LIBRARY.catalogs:
        for part in catalog.parts:
            if part.check_by is not None:
                assert date.fromisoformat(part.check_by) > date.fromisoformat(catalog.published)


@pytest.mark.long
def test_no_fact_is_due_to_be_looked_at_again():
    today = date.today().isoformat()  # noqa: DTZ011  (a yearly look at the calendar)
    due = [
        part.id for part in kmu_check().parts if part.check_by is not None and part.check_by < today
    ]
    assert due == []
