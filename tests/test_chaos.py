"""bench/chaos.py: its checks find faults, and a cluster with broken parts passes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import chaos_leftovers
import pytest
from chaos import broken_cluster
from chaos_clients import Reader, Stream
from chaos_faults import schedule
from chaos_followers import Follower, check_tombstones
from chaos_leftovers import Held, check_idle, check_shed
from chaos_site import MAX_LAG, Answer, Site, articles_of, in_order
from chaos_streams import Failed, websocket_events

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.embedded.server import find_mongod
from tests.loaders.builders import loaded
from tests.processes import until
from tests.served import PATIENCE, eventually, served
from tests.thorough import is_thorough

Articles = tuple[tuple[str, int], ...]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose files were loaded as revision 5, changed, and loaded as revision 6."""
    made = Site(tmp_path / "site", 1)
    for revision in (5, 6):
        made.begin_load()
        made.confirm(revision, is_settled=True)
        if revision == 5:
            made.change()
    return made


def listed(site: Site) -> Articles:
    """The articles as the files are, as a server lists them."""
    return tuple((slug, site.files[slug]) for slug in in_order(set(site.files)))


def answer(site: Site, articles: Articles, revision: int = 6, *, is_cached: bool = False) -> Answer:
    """An answer that was read while no load ran."""
    loads = (site.loads, site.loads)
    return Answer("here", revision, articles, monotonic(), loads, is_cached=is_cached)


def violations(site: Site, *answers: Answer) -> list[str]:
    """The violations found in answers."""
    for each in answers:
        site.check(each)
    site.close()
    return site.violations


def test_titles_tell_the_versions_of_files(site: Site) -> None:
    nodes = [
        {"slug": path.stem, "title": path.read_text().splitlines()[1].removeprefix("title: ")}
        for path in site.folder.glob("*.md")
    ]
    assert sorted(articles_of(nodes)) == sorted(site.files.items())


def test_answers_that_match_the_files_have_no_violations(site: Site) -> None:
    assert violations(site, answer(site, listed(site))) == []
    assert site.compared == 1


def test_a_lost_article_is_found(site: Site) -> None:
    core = [each for each in listed(site) if each[0] != "core-007"]
    first, *_ = violations(site, answer(site, tuple(core)))
    assert first == "here: core-007 is lost at revision 6"


def test_a_doubled_or_misplaced_article_is_found(site: Site) -> None:
    articles = listed(site)
    first, second, *rest = articles
    for wrong in ((first, *articles), (second, first, *rest)):
        assert any(
            "wrong order or doubled" in each for each in violations(site, answer(site, wrong))
        )
        site.violations.clear()


def test_a_version_that_was_loaded_before_is_found(site: Site) -> None:
    changed = next(slug for slug, version in site.files.items() if version == 2)
    wrong = tuple((slug, 1 if slug == changed else version) for slug, version in listed(site))
    first, *_ = violations(site, answer(site, wrong))
    assert first == f"here: {changed} is version 1 at revision 6, not 2"


def test_a_cached_answer_of_another_revision_is_found(site: Site) -> None:
    [found] = violations(site, answer(site, listed(site), 5, is_cached=True))
    assert "here: not the files of revision 5: " in found


def test_an_answer_during_a_load_may_be_of_either_state(site: Site) -> None:
    site.change()
    site.begin_load()
    assert violations(site, answer(site, listed(site))) == []
    assert site.compared == 0


def test_an_answer_from_before_a_load_is_a_violation_only_after_a_while(site: Site) -> None:
    old = replace(answer(site, (), 5), loads=(None, None), is_whole=False)
    assert violations(site, old) == []
    [found] = violations(site, replace(old, sent=monotonic() + MAX_LAG + 1))
    assert found.startswith("here: revision 5 ")


def test_an_index_that_a_server_finds_at_its_start_has_time_to_catch_up(site: Site) -> None:
    sent = monotonic() + MAX_LAG + 1
    old = replace(answer(site, (), 5), loads=(None, None), is_whole=False, sent=sent)
    assert violations(site, replace(old, since=sent - 1)) == []
    [found] = violations(site, replace(old, since=sent - MAX_LAG - 0.5))
    assert found.startswith("here: revision 5 ")


def test_confirmed_changes_that_are_lost_are_counted(site: Site) -> None:
    assert site.lost(site.files) == 0
    changed = sum(n > 1 for slug, n in site.files.items() if slug.startswith("core"))
    assert site.lost(dict.fromkeys(site.files, 1)) == changed > 0


def test_an_answer_of_a_search_may_be_in_any_order(site: Site) -> None:
    found = replace(answer(site, listed(site)[::-1]), is_ordered=False)
    assert violations(site, found) == []
    first, *_ = violations(site, replace(found, articles=found.articles * 2))
    assert "wrong order or doubled" in first


def test_a_search_that_finds_a_removed_article_is_found(site: Site) -> None:
    gone = replace(answer(site, (*listed(site), ("extra-099", 3))), is_ordered=False)
    [found] = violations(site, gone)
    assert found == "here: not the files of revision 6: ['extra-099 3, not None']"


def test_an_article_that_was_removed_and_is_back_is_found(site: Site) -> None:
    [found, *_] = violations(site, answer(site, (*listed(site), ("past-000", 1))))
    assert "wrong order" in found
    assert "here: past-000 is back at revision 6" in site.violations


def change_of(slug: str, version: int, revision: int) -> dict[str, Any]:
    """An event of a subscription; version 0 for an article that is gone."""
    article = {"slug": slug, "title": f"The gull, version {version}"}
    return {
        "kind": "CHANGED" if version else "REMOVED",
        "slug": slug,
        "revision": revision,
        "nextSince": f"{revision} {slug}",
        "article": article if version else None,
    }


def following(site: Site, copied: list[dict[str, Any]], *changes: dict[str, Any]) -> Follower:
    """A follower that had a copy of these articles, and has received changes."""
    follower = Follower(site, "here", [], Event())
    follower.begin({"nodes": copied, "nextSince": "", "pageInfo": {"hasNextPage": False}})
    for each in changes:
        follower.apply(each)
    return follower


def applied(site: Site, copied: list[dict[str, Any]], *changes: dict[str, Any]) -> list[str]:
    """The violations found in changes by a follower that has a copy of these articles."""
    following(site, copied, *changes)
    return site.violations


def everything(site: Site) -> list[dict[str, Any]]:
    """The articles as the files are."""
    return [change_of(slug, version, 6) for slug, version in sorted(site.files.items())]


def test_changes_without_a_gap_have_no_violations(site: Site) -> None:
    changes = change_of("core-000", 9, 7), change_of("core-001", 9, 7), change_of("core-000", 10, 8)
    gone = change_of("extra-000", 0, 8), change_of("extra-000", 8, 9)
    assert applied(site, everything(site), *changes, *gone) == []


def test_a_change_that_is_missing_is_found(site: Site) -> None:
    [missing, *rest] = everything(site)
    [found] = applied(site, rest, change_of("core-001", 9, 7))
    assert found == f"here, changes: {missing['slug']} is lost at revision 6"


def test_a_change_that_is_repeated_is_found(site: Site) -> None:
    [first, *_] = everything(site)
    found = applied(site, everything(site), first)
    assert found == ["here, changes: core-000 of revision 6 is repeated"]


def test_a_change_that_is_repeated_under_another_revision_is_found(site: Site) -> None:
    [first, *_] = everything(site)
    found = applied(site, everything(site), first | {"revision": 7})
    version = site.files["core-000"]
    assert found == [f"here, changes: core-000 is version {version} again at revision 7"]


@pytest.mark.parametrize(("count", "found"), [(1, 1), (2, 0)])
def test_two_loads_at_once_may_both_report_a_change(site: Site, count: int, found: int) -> None:
    copied, before = everything(site), dict(site.files)
    site.change()
    site.begin_load(count)
    slug = next(slug for slug in site.files if site.files[slug] == before.get(slug, 0) + 1)
    twice = [change_of(slug, site.files[slug], revision) for revision in (7, 8)]
    assert len([each for each in applied(site, copied, *twice) if "again" in each]) == found


def test_changes_in_the_wrong_order_are_found(site: Site) -> None:
    found = applied(
        site, everything(site), change_of("core-000", 9, 8), change_of("core-001", 9, 7)
    )
    assert found == ["here, changes: core-001 of revision 7 after revision 8"]


def test_a_change_to_an_older_version_is_found(site: Site) -> None:
    found = applied(
        site, everything(site), change_of("core-000", 9, 7), change_of("core-000", 8, 8)
    )
    assert found == ["here, changes: core-000 is version 8 after 9"]


def violations_of_removals(site: Site, *changes: dict[str, Any]) -> list[str]:
    """The violations found by a follower that received these changes of removed articles."""
    following(site, everything(site), *changes).close()
    return site.violations


def test_a_removed_article_is_reported_once(site: Site) -> None:
    assert site.gone == {"past-000": "REMOVED"}
    assert violations_of_removals(site, change_of("past-000", 0, 7)) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([], id="never"),
        pytest.param([change_of("past-000", 0, n) for n in (7, 8)], id="twice"),
        pytest.param([change_of("past-000", 0, 7) | {"kind": "UNPUBLISHED"}], id="otherwise"),
    ],
)
def test_a_removed_article_that_is_not_reported_exactly_once_is_found(
    site: Site, changes: list[dict[str, Any]]
) -> None:
    [found] = violations_of_removals(site, *changes)
    assert found.startswith("here, changes: past-000 is REMOVED, but was reported as {")


def test_two_loads_at_once_may_report_a_removed_article_twice(site: Site) -> None:
    twice = [change_of("past-001", 0, n) | {"kind": "UNPUBLISHED"} for n in (8, 9)]
    gone = change_of("past-000", 0, 7)
    for _ in range(2):
        site.change()
    assert "past-001" in site.gone
    site.begin_load(2)
    assert [each for each in violations_of_removals(site, gone, *twice) if "past" in each] == []


class Pages(Reader):
    """A reader of `changes`, one on each page."""

    def __init__(self, site: Site, changes: list[dict[str, Any]]) -> None:
        super().__init__(site, "here", 0, Event())
        self._changes = changes

    def read(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        at = (variables or {})["after"] or 0
        info = {"hasNextPage": at + 1 < len(self._changes), "endCursor": at + 1}
        return {"changes": {"pageInfo": info, "nodes": self._changes[at : at + 1]}}


def test_all_changes_report_a_removed_article_once(site: Site) -> None:
    gone = [change_of(slug, 0, 6) for slug in site.tombstones]
    check_tombstones(site, Pages(site, [*everything(site), *gone]))
    assert site.violations == []
    check_tombstones(site, Pages(site, [*everything(site), *gone, *gone]))
    check_tombstones(site, Pages(site, everything(site)))
    assert site.violations == [
        "here: `changes` has past-000 as ['REMOVED', 'REMOVED'], not as REMOVED",
        "here: `changes` has past-000 as [], not as REMOVED",
    ]


class Walked(Reader):
    """A reader of a list of two pages, each of a revision of its own."""

    def __init__(self, site: Site, *pages: tuple[int, Articles]) -> None:
        super().__init__(site, "here", 0, Event())
        self._pages = [*pages]

    def _send(self, body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        revision, articles = self._pages.pop(0)
        nodes = [{"slug": slug, "title": f"The gull, version {n}"} for slug, n in articles]
        info = {"hasNextPage": bool(self._pages), "endCursor": ""}
        return {
            "corpus": {"revision": revision},
            "articles": {"nodes": nodes, "pageInfo": info},
        }, False


@pytest.mark.parametrize(("revision", "found"), [(6, 2), (7, 0)])
def test_a_walk_is_of_a_revision_only_if_all_its_pages_are(
    site: Site, revision: int, found: int
) -> None:
    """Both the page and the walk are wrong if the second page is not of its revision."""
    first = listed(site)[:20]
    site.change()
    site.begin_load()
    site.confirm(7, is_settled=True)
    last, _ = first[-1]
    slugs = in_order({last, *site.files})
    second = tuple((slug, site.files[slug]) for slug in slugs[slugs.index(last) + 1 :])
    Walked(site, (6, first), (revision, second)).walk(20)
    site.close()
    assert len(site.violations) == found


class Holding:
    """A server that holds some streams, and as many files."""

    name = "there"

    def __init__(self, *streams: int, executed: int = 0) -> None:
        self._streams = [*streams]
        self.executed = executed

    def metrics(self) -> dict[str, float]:
        streams = self._streams.pop(0) if len(self._streams) > 1 else self._streams[0]
        return {
            "newsgraph_streams_open": streams,
            "process_open_fds": streams,
            "newsgraph_stream_executions_total": self.executed,
        }


def test_a_server_has_time_to_notice_that_clients_disconnected(site: Site) -> None:
    check_shed(site, Holding(80, 6), Held(6, 10))
    assert site.violations == []


@pytest.mark.parametrize("most", [Held(5, 10), Held(10, 5)])
def test_a_server_that_holds_streams_without_clients_is_found(site: Site, most: Held) -> None:
    check_shed(site, Holding(6), most, seconds=0)
    [found] = site.violations
    assert found.startswith("there: holds Held(streams=6, files=6) without clients")


def test_a_server_that_executes_live_operations_for_nobody_is_found(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaos_leftovers, "IDLE_SECONDS", 0)
    server = Holding(0)
    check_idle(site, server, lambda: None)
    assert site.violations == []

    def load() -> None:
        server.executed += 2

    check_idle(site, server, load)
    assert site.violations == ["there: executed live operations 2 times for nobody"]


def test_a_seed_chooses_each_fault_once_per_round() -> None:
    names = ["a", "b", "c"]
    chosen = list(islice(schedule(names, 7), 6))
    assert chosen == list(islice(schedule(names, 7), 6))
    assert sorted(name for _, name in chosen[:3]) == sorted(name for _, name in chosen[3:]) == names


@pytest.mark.usefixtures("inline")
async def test_nothing_is_wrong_while_loads_are_interrupted_and_run_twice(
    url: str, tmp_path: Path
) -> None:
    site, stop = Site(tmp_path / "site", 1), Event()

    def has_read(requests: int) -> bool:
        return reader.counts.requests > requests

    async def loading(database: Database, times: int = 1) -> None:
        loads = (loaded(database, site.folder, prune=True) for _ in range(times))
        for report in await asyncio.gather(*loads):
            site.confirm(report.revision, is_settled=True)

    async with (
        open_database(Settings(mongo_url=url)) as database,
        served(
            mongo_url=url, cache="on", server_timing="on", heartbeat=0.1, search_dir=tmp_path
        ) as server,
    ):
        reader = Reader(site, "reader", server.port, stop)
        stream = Stream(site, "server", server.port, stop)
        follower = Follower(site, "server", [server.port], stop)
        socket = Follower(site, "server, WebSocket", [server.port], stop, websocket_events)
        site.begin_load()
        await loading(database)
        await asyncio.to_thread(searched, reader)
        runs = [reader.run, stream.run, follower.run, socket.run]
        clients = [asyncio.create_task(asyncio.to_thread(run)) for run in runs]
        await eventually(
            lambda: len(follower.copy) == len(socket.copy) == len(site.files),
        )
        for turn in range(3):
            site.change()
            site.begin_load(2 if turn % 3 == 0 else 1)
            if turn % 3 == 0:
                await loading(database, 2)
            elif turn % 3 == 1:
                with suppress(TimeoutError):
                    await asyncio.wait_for(loading(database), 0.01)
            else:
                await loading(database)
            seen = reader.counts.requests
            await eventually(partial(has_read, seen + 1))
        site.begin_load()
        await loading(database)
        copies = follower.copy, socket.copy
        await eventually(lambda: all(each == site.files for each in (dict(stream.newest), *copies)))
        await asyncio.to_thread(check_tombstones, site, Reader(site, "changes", server.port, stop))
        stop.set()
        await asyncio.gather(*clients)
    for each in (follower, socket):
        each.close()
        assert each.counts.errors == {}
        assert each.counts.events > 3
    site.close()
    assert site.violations == []
    assert site.compared > 3
    assert {*site.gone.values()} == {"REMOVED", "UNPUBLISHED"}
    assert reader.counts.errors == stream.counts.errors == {}


def searched(reader: Reader) -> None:
    """Return once the server searches."""
    until(lambda: succeeds(reader.search), PATIENCE, "a search")


def succeeds(read: Callable[[], object]) -> bool:
    try:
        read()
    except Failed:
        return False
    return True


@pytest.mark.skipif(not is_thorough(), reason="takes three minutes: part of `make thorough`")
def test_a_broken_cluster_loses_nothing_and_answers_nothing_wrong(tmp_path: Path) -> None:
    try:
        find_mongod()
    except UsageError as error:
        pytest.skip(str(error))
    outcome = broken_cluster(tmp_path, 120, 1)
    assert outcome.site.violations == []
    assert outcome.lost == 0
    assert len(outcome.faults) == 10
