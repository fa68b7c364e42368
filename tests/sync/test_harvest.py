"""Catalogues that only let themselves be read: what a pass takes in, and what it does not believe."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from exchange.keys import PrivateKey
from exchange.problems import Refused
from marketplace import harvesting
from marketplace.errors import Conflict, Forbidden, Invalid
from marketplace.models.exchanges import Issue, Replica
from marketplace.models.jobs import Job
from marketplace.models.peers import PeerInvitation
from marketplace.models.sources import Harvested
from marketplace.runtime import Runtime
from marketplace.services import catalogue, feed
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import enrolment, harvest, settling, sources, trust, verifying
from marketplace.services.sync.enrolment import Applicant
from marketplace.services.sync.sources import Entered
from marketplace.tasks import harvest_source, harvest_sources
from marketplace.tasks import run as run_job
from marketplace.work import begin, look
from search.query import Query
from tests.support.clock import HandMovedClock
from tests.support.exchanges import opened
from tests.support.network import national_settings
from tests.support.repository import Entry, Repository, listed
from tests.sync.harvesting import (
    ADMIN,
    DAY,
    HTML,
    NODE,
    OPERATOR,
    Reading,
    entry,
    goes_only_when_confirmed,
    titles,
)

UNCHANGED = {"new": 0, "changed": 0, "gone": 0, "lost": 0, "whole": True, "incremental": False}


# -- who may have it read -------------------------------------------------------------------------------------------------


def test_a_source_is_read_only_after_an_admin_who_did_not_enter_it_has_approved(entered: Reading) -> None:
    with pytest.raises(Conflict):
        entered.run()
    with begin(entered.national) as work, pytest.raises(Forbidden):
        sources.approve(work, OPERATOR, NODE)
    assert (entered.there.asked, entered.there.identified) == ([], 0)
    entered.approve()
    assert entered.run().records == 10


def test_whoever_has_entered_a_source_cannot_approve_it(reader: Runtime) -> None:
    with begin(reader) as work:
        sources.enter(work, ADMIN, Entered("kho-hai", "Kho hai", "", "https://catalogue.example/oai"))
        with pytest.raises(Conflict, match="source_needs_another"):
            sources.approve(work, ADMIN, "kho-hai")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "http://u@x/", "https://x/oai?verb=y", ""],
)
def test_a9_an_address_that_could_not_be_read_is_not_even_entered(reader: Runtime, url: str) -> None:
    with begin(reader) as work, pytest.raises(Invalid) as refused:
        sources.enter(work, OPERATOR, Entered("kho-hai", "Kho hai", "", url))
    assert [problem.path for problem in refused.value.problems] == ["url"]


def test_a9_without_peer_loopback_nothing_on_this_machine_is_read(
    tmp_path: Path, there: Repository, clock: HandMovedClock
) -> None:
    with opened(national_settings(tmp_path / "strict"), clock) as strict:
        reading = Reading(strict, there, clock)
        reading.enter()
        reading.approve()
        standing = reading.run()
    assert standing.alarms == ("refused",)
    assert "not on the open internet" in standing.detail
    assert there.asked == []


def test_a_source_never_gets_a_key(reading: Reading) -> None:
    with begin(reading.national) as work:
        for replaces in (False, True):
            with pytest.raises(Conflict):
                enrolment.invite(work, SYSTEM, NODE, replaces=replaces)
        assert trust.pinned(work, NODE) == []
        assert trust.finder(work)(NODE, "any") is None


def test_not_even_an_invitation_that_is_there_gives_a_source_a_key(reading: Reading) -> None:
    with begin(reading.national) as work:
        enrolment.invite(work, SYSTEM, "kho-hai")
        invitation = work.session.scalars(select(PeerInvitation)).one()
        invitation.node_id, invitation.replaces = NODE, True
        applicant = Applicant(NODE, PrivateKey.generated().public, "https://catalogue.example")
        with pytest.raises(Refused, match="node_exists"):
            enrolment.enrol(work, invitation, applicant)


def test_an_older_invitation_does_not_make_a_source_sign(reader: Runtime) -> None:
    with begin(reader) as work:
        enrolment.invite(work, SYSTEM, "kho-hai")
        with pytest.raises(Invalid):
            sources.enter(work, OPERATOR, Entered("kho-hai", "Kho hai", "", "https://catalogue.example/oai"))


def test_a_paused_source_is_not_read_and_goes_on_afterwards(reading: Reading) -> None:
    asked = len(reading.there.asked)
    with begin(reading.national) as work:
        sources.pause(work, OPERATOR, NODE)
    with pytest.raises(Conflict):
        reading.run()
    assert len(reading.there.asked) == asked
    assert reading.standing().records == 10
    with begin(reading.national) as work:
        sources.resume(work, OPERATOR, NODE)
    assert reading.run().alarms == ()


# -- what a pass takes in -------------------------------------------------------------------------------------------------


def test_what_is_read_becomes_listings_that_are_found(reading: Reading) -> None:
    assert reading.shown().keys() == titles(*range(1, 11))
    assert reading.standing().last == UNCHANGED | {"new": 10}
    reading.settle()
    with look(reading.national) as work:
        found = catalogue.search(work, Query(text="máy số 7", kinds=("offer",)))
    listing = next(one.listing for one in found.findings if one.listing.content.title == "Máy số 7")
    assert (listing.origin, listing.expires_at) == (NODE, None)
    assert listing.source["url"] == "https://doi.org/10.1234/7"


def test_a_second_pass_that_says_the_same_changes_nothing(reading: Reading) -> None:
    """Nor does a source that stamps all its records anew."""
    with look(reading.national) as work:
        head = feed.state(work).head
    reading.there.entries = [replace(one, datestamp="2026-11-20T00:00:00Z") for one in reading.there.entries]
    assert reading.run().last["changed"] == 0
    reading.settle()
    before = reading.shown()
    assert reading.run().last == UNCHANGED
    assert reading.shown() == before
    with look(reading.national) as work:
        assert feed.state(work).head - head == 10


def test_a_page_larger_than_a_transaction_is_kept_in_parts(entered: Reading) -> None:
    """One too large to be kept at once, and with the same id in two of its parts: the later one counts."""
    many = [Entry(f"oai:cu:{number}", f"Máy số {number}") for number in range(2 * harvesting.AT_ONCE + 1)]
    entered.there.entries = [*many, replace(many[0], title="Máy đầu tiên")]
    entered.there.size = len(many) + 1
    entered.approve()
    standing = entered.run()
    assert (standing.records, len(entered.there.asked)) == (len(many), 1)
    assert "Máy đầu tiên" in entered.shown()
    assert "Máy số 0" not in entered.shown()


def test_an_edited_record_is_another_revision_of_the_same(reading: Reading) -> None:
    before = reading.shown()
    reading.there.entries[2] = replace(reading.there.entries[2], title="Máy số ba")
    standing = reading.run()
    assert standing.last["changed"] == 1
    assert reading.shown()["Máy số ba"] == before["Máy số 3"]
    with look(reading.national) as work:
        kept = work.session.get_one(Replica, before["Máy số 3"])
        assert (kept.rev, kept.origin) == (2, NODE)


def test_a_record_that_lacks_what_a_listing_needs_is_held_until_it_has_it(reading: Reading) -> None:
    reading.there.entries.append(entry(11, description=""))
    standing = reading.run()
    assert (standing.held, standing.issues) == (1, 1)
    assert "Máy số 11" not in reading.shown()
    with look(reading.national) as work:
        assert work.session.scalars(select(Issue.path)).one() == "/content/texts/vi/description"
    reading.there.entries[-1] = entry(11)
    standing = reading.run()
    assert (standing.held, standing.issues) == (0, 0)
    assert "Máy số 11" in reading.shown()


def test_records_are_read_as_demands_where_the_source_lists_demands(entered: Reading) -> None:
    with begin(entered.national) as work:
        sources.reject(work, ADMIN, NODE)
    entered.enter(kind="demand")
    entered.approve()
    entered.run()
    assert {uid.split(":")[1] for uid in entered.shown().values()} == {"demand"}


def test_what_its_source_says_to_be_deleted_goes_at_the_end_of_the_pass(reading: Reading) -> None:
    uid = reading.shown()["Máy số 4"]
    reading.there.entries[3] = replace(reading.there.entries[3], deleted=True)
    assert reading.run().last["gone"] == 1
    with look(reading.national) as work:
        assert feed.rows(work, [uid])[uid].op == "delete"
    reading.there.entries[3] = replace(reading.there.entries[3], deleted=False)
    reading.run()
    assert reading.shown()["Máy số 4"] == uid


# -- what it does not believe ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [listed([]), b"", HTML])
def test_c20_an_empty_answer_with_200_archives_nothing(reading: Reading, empty: bytes) -> None:
    reading.there.instead = (200, empty)
    for _ in range(12):
        standing = reading.run()
        assert standing.records == 10
        assert standing.alarms[0] == ("suspicious_zero" if empty == listed([]) else "refused")
    reading.there.instead = None
    assert reading.run().alarms == ()
    assert reading.shown().keys() == titles(*range(1, 11))


def test_c20_a_pass_that_lost_more_than_a_fifth_archives_nothing_until_a_person_confirms(
    reading: Reading,
) -> None:
    reading.there.entries = reading.there.entries[:7]
    assert goes_only_when_confirmed(reading, before=10, after=7).last["gone"] == 3


def test_c20_a_source_that_says_all_to_be_deleted_is_not_believed_either(reading: Reading) -> None:
    reading.there.entries = [replace(one, deleted=True) for one in reading.there.entries]
    standing = reading.run()
    assert (standing.alarms, standing.records) == (("suspicious_zero",), 10)


def test_c20_what_was_confirmed_covers_no_more_than_was_missing_then(reading: Reading) -> None:
    reading.there.entries = reading.there.entries[:7]
    reading.run()
    with begin(reading.national) as work:
        sources.decide(work, OPERATOR, NODE, "confirm")
    reading.there.entries = []
    reading.there.instead = (200, listed([]))
    for _ in range(10):
        assert reading.run().alarms == ("suspicious_zero",)
    assert reading.standing().records == 10


def test_a_missing_record_is_archived_after_two_passes_and_seven_days(reading: Reading) -> None:
    missing = reading.there.entries.pop(4)
    for _ in range(7):
        reading.run(DAY)
        assert missing.title in reading.shown()
    reading.run(DAY)
    assert reading.shown().keys() == titles(*range(1, 11)) - {missing.title}


def test_seven_days_alone_or_two_passes_alone_archive_nothing(reading: Reading) -> None:
    missing = reading.there.entries.pop(4)
    reading.run(timedelta(hours=1))
    reading.run(timedelta(hours=1))
    reading.run(timedelta(days=8))
    assert missing.title in reading.shown()
    reading.there.entries.insert(4, missing)
    reading.run(timedelta(hours=1))
    reading.there.entries.remove(missing)
    reading.run(timedelta(days=8))
    assert missing.title in reading.shown()


def test_a_pass_that_met_an_error_proves_nothing_of_what_is_missing(reading: Reading) -> None:
    missing = reading.there.entries.pop(8)
    reading.run(timedelta(days=8))
    reading.there.expired = {"|3"}
    reading.run(timedelta(days=8))
    assert missing.title in reading.shown()
    reading.run()
    assert missing.title not in reading.shown()


# -- tokens ---------------------------------------------------------------------------------------------------------------


def test_c22_a_token_that_expires_leads_on_from_the_last_committed_datestamp(entered: Reading) -> None:
    entered.approve()
    entered.there.expired = {"|6"}
    standing = entered.run()
    assert entered.shown().keys() == titles(*range(1, 11))
    assert (standing.alarms, standing.last["new"], standing.last["whole"]) == ((), 10, False)
    starts = [one.get("from") or one.get("resumptionToken", "") for one in entered.there.asked]
    again = "2026-10-06T00:00:00Z"
    assert starts == ["", "|3", "|6", again, f"{again}|3"]


def test_c22_a_run_that_was_cut_off_goes_on_with_its_token(entered: Reading) -> None:
    """Each page is kept with where to go on: after a crash of either side nothing is read twice."""
    entered.approve()
    entered.there.expired = set()
    healthy = entered.there.answer

    def failing(path: str) -> tuple[int, bytes]:
        return (503, b"") if "%7C6" in path else healthy(path)

    entered.there.answer = failing  # type: ignore[method-assign]
    standing = entered.run()
    assert (standing.alarms, standing.under_way, standing.records) == (("unreachable",), True, 6)
    assert "HTTP 503" in standing.detail
    entered.there.answer = healthy  # type: ignore[method-assign]
    before = len(entered.there.asked)
    standing = entered.run()
    assert (standing.alarms, standing.under_way, standing.records) == ((), False, 10)
    assert [one["resumptionToken"] for one in entered.there.asked[before:]] == ["|6", "|9"]


def test_c22_a_token_that_expires_after_a_crash_leads_on_all_the_same(entered: Reading) -> None:
    entered.approve()
    with begin(entered.national) as work:
        harvest.begin_pass(work, NODE)
        step = settling.advance(work, NODE).step
    with begin(entered.national) as work:
        page = harvesting.read_page(listed(entered.there.entries[:3], "|3"))
        harvest.take(work, NODE, step, page)
    entered.there.expired = {"|3"}
    entered.run()
    assert [one.get("from") for one in entered.there.asked[:2]] == [None, "2026-10-03T00:00:00Z"]
    assert entered.shown().keys() == titles(*range(1, 11))


def test_c22_a_token_that_expires_again_without_getting_on_ends_the_pass(entered: Reading) -> None:
    entered.approve()
    entered.there.entries = [replace(one, datestamp="2026-10-01T00:00:00Z") for one in entered.there.entries]
    entered.there.expired = {"|3", "2026-10-01T00:00:00Z|3"}
    standing = entered.run()
    assert standing.alarms == ("refused",)
    assert "expires again and again" in standing.detail
    assert entered.run().records == 10


def test_of_two_processes_that_read_a_source_one_gives_way(entered: Reading) -> None:
    entered.approve()
    with begin(entered.national) as work:
        harvest.begin_pass(work, NODE)
        upcoming = settling.advance(work, NODE)
    page = harvesting.read_page(listed(entered.there.entries[:3], "|3"))
    with begin(entered.national) as work:
        harvest.take(work, NODE, upcoming.step, page)
    with begin(entered.national) as work, pytest.raises(Conflict, match="source_read_elsewhere"):
        harvest.take(work, NODE, upcoming.step, page)


def test_a_list_without_an_end_is_refused(entered: Reading) -> None:
    entered.approve()
    entered.there.instead = (200, listed([entry(1)], "same"))
    standing = entered.run()
    assert standing.alarms == ("refused",)
    assert "no end" in standing.detail
    with pytest.raises(Refused):
        harvesting.read_page(HTML)


# -- new ids --------------------------------------------------------------------------------------------------------------


def test_c21_a_source_that_changes_all_its_ids_doubles_and_loses_nothing(reading: Reading) -> None:
    before = reading.shown()
    reading.there.renamed("oai:cu:", "oai:moi:")
    for _ in range(10):
        standing = reading.run()
        assert (standing.alarms, standing.waiting) == (("ids_changed",), 10)
        assert reading.shown() == before
    assert reading.decide("relink").alarms == ()
    assert reading.shown() == before
    with look(reading.national) as work:
        rows = work.session.scalars(select(Harvested)).all()
        assert {row.identifier for row in rows} == {f"oai:moi:{number}" for number in range(1, 11)}
        assert work.session.scalars(select(Replica.rev)).all().count(2) == 10
    assert reading.run().last == UNCHANGED


def test_c21_ids_that_change_without_a_common_key_are_not_doubled_either(reading: Reading) -> None:
    before = reading.shown()
    reading.there.entries = [
        Entry(f"oai:moi:{number}", f"Thiết bị {number}", "2026-11-01T00:00:00Z") for number in range(1, 11)
    ]
    standing = reading.run()
    assert (standing.alarms, standing.waiting) == (("suspicious_zero",), 0)
    assert reading.shown() == before


def test_c21_a_single_record_under_a_new_id_waits_and_stays_meanwhile(reading: Reading) -> None:
    before = reading.shown()
    moved = reading.there.entries[0] = replace(reading.there.entries[0], identifier="oai:moi:1")
    reading.there.entries.append(entry(11))
    for _ in range(10):
        standing = reading.run()
        assert (standing.alarms, standing.waiting) == (("ids_changed",), 1)
        assert reading.shown() == before | {"Máy số 11": reading.shown()["Máy số 11"]}
    assert moved.title in before
    reading.decide("relink")
    assert reading.shown()[moved.title] == before[moved.title]


def test_c21_when_a_person_says_that_they_are_others_the_old_ones_go_their_way(reading: Reading) -> None:
    before = reading.shown()
    reading.there.renamed("oai:cu:", "oai:moi:")
    reading.there.entries = [replace(one, title=f"{one.title} ") for one in reading.there.entries]
    reading.run()
    with begin(reading.national) as work:
        sources.decide(work, OPERATOR, NODE, "admit")
    reading.run(timedelta(0))
    assert reading.standing().records == 20
    for _ in range(8):
        reading.run()
    assert reading.standing().records == 10
    assert not set(reading.shown().values()) & set(before.values())


def test_nothing_is_decided_while_a_pass_is_being_settled(reading: Reading) -> None:
    reading.there.entries = reading.there.entries[:5]
    reading.there.size = 5
    with begin(reading.national) as work:
        harvest.begin_pass(work, NODE)
        step = settling.advance(work, NODE).step
    with begin(reading.national) as work:
        harvest.take(work, NODE, step, harvesting.read_page(listed(reading.there.entries)))
        assert harvest.held(work, NODE).alarm == "suspicious_zero"
        with pytest.raises(Conflict, match="source_not_alarmed"):
            sources.decide(work, OPERATOR, NODE, "confirm")
    assert reading.run().alarms == ("suspicious_zero",)


def test_a_decision_answers_an_alarm_that_is_there(reading: Reading) -> None:
    for choice in sources.CHOICES:
        with begin(reading.national) as work, pytest.raises(Conflict, match="source_not_alarmed"):
            sources.decide(work, OPERATOR, NODE, choice)


# -- by the clock ---------------------------------------------------------------------------------------------------------


def asked_for(national: Runtime) -> list[tuple[str, dict[str, str], str]]:
    """Jobs that the timetable asks for now."""
    with begin(national) as work:
        work.session.execute(delete(Job))
    harvest_sources(national)
    with look(national) as work:
        return [(job.name, job.arguments, job.id) for job in work.session.scalars(select(Job))]


def test_the_timetable_asks_for_every_source_that_is_due(reading: Reading) -> None:
    ((name, arguments, job_id),) = asked_for(reading.national)
    assert (name, arguments) == ("harvest_source", {"node_id": NODE})
    reading.there.entries.append(entry(11))
    run_job(reading.national, job_id)
    assert "Máy số 11" in reading.shown()
    assert asked_for(reading.national) == []
    reading.clock.move(DAY)
    assert len(asked_for(reading.national)) == 1
    with begin(reading.national) as work:
        sources.pause(work, OPERATOR, NODE)
    assert asked_for(reading.national) == []
    asked = len(reading.there.asked)
    harvest_source(reading.national, NODE)
    assert len(reading.there.asked) == asked


def test_what_was_harvested_stands_the_proof_of_database_view_and_index(reading: Reading) -> None:
    reading.there.entries = [
        replace(reading.there.entries[0], deleted=True),
        *reading.there.entries[1:],
        entry(11),
    ]
    reading.run()
    reading.settle()
    with look(reading.national) as work:
        assert [one for one in verifying.findings(work) if not one.well] == []


@pytest.mark.services
def test_c20_c21_c22_a_life_of_a_source_on_postgresql(
    tmp_path: Path, there: Repository, clock: HandMovedClock, server_database: str
) -> None:
    settings = replace(national_settings(tmp_path), peer_loopback=True, database_url=server_database)
    with opened(settings, clock) as runtime:
        reading = Reading(runtime, there, clock)
        reading.enter()
        reading.approve()
        there.expired = {"|6"}
        reading.run()
        assert reading.shown().keys() == titles(*range(1, 11))
        there.entries.pop(4)
        for _ in range(8):
            standing = reading.run()
        assert (standing.records, standing.alarms) == (9, ())
        there.instead = (200, listed([]))
        assert reading.run().alarms == ("suspicious_zero",)
        there.instead = None
        there.renamed("oai:cu:", "oai:moi:")
        before = reading.shown()
        assert reading.run().waiting == 9
        assert reading.decide("relink").alarms == ()
        assert reading.shown() == before
