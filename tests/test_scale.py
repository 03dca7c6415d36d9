"""bench/scale.py: the calculation of a plan from a demand and measured costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from scale import Costs, Demand, Hosts, main, planned

DEMAND: Final = Demand(
    requests=1_000, cdn_hits=0.5, conditional=0.2, cached=0.75, operations=100, documents=1_000
)
COSTS: Final = Costs(cached_us=100, computed_us=1_000, mongod_us=500)
HOSTS: Final = Hosts(cores=4, busy=0.5, spare=1)


def test_each_tier_carries_the_requests_that_the_one_before_it_passes_on() -> None:
    plan = planned(DEMAND, COSTS, HOSTS)
    assert plan.api_requests == 500  # half is left by the CDN
    assert plan.computed == pytest.approx(100)  # of 400 that are not 304, a quarter is not cached


def test_cores_are_the_time_of_all_answers_at_the_load_that_is_wanted() -> None:
    plan = planned(DEMAND, COSTS, HOSTS)
    assert plan.api_cores == pytest.approx((400 * 100e-6 + 100 * 1_000e-6) / 0.5)
    assert plan.mongod_cores == pytest.approx(100 * 500e-6 / 0.5)


@pytest.mark.parametrize(("requests", "hosts"), [(1, 2), (10_000, 2), (30_000, 4)])
def test_hosts_are_whole_and_one_more(requests: int, hosts: int) -> None:
    plan = planned(replace(DEMAND, requests=requests), COSTS, HOSTS)
    assert (plan.api_hosts, plan.processes) == (hosts, hosts * 4)


def test_a_cdn_that_answers_all_leaves_the_spare_hosts_with_nothing_to_do() -> None:
    plan = planned(replace(DEMAND, cdn_hits=1.0), COSTS, HOSTS)
    assert (plan.api_requests, plan.api_cores, plan.mongod_cores, plan.origin_bandwidth) == (
        0,
        0,
        0,
        0,
    )
    assert plan.api_hosts == 2


def test_a_not_modified_answer_costs_only_its_headers() -> None:
    demand = replace(DEMAND, conditional=1.0, body_bytes=10_000, header_bytes=100)
    plan = planned(demand, COSTS, HOSTS)
    assert plan.origin_bandwidth == pytest.approx(500 * 100)
    assert plan.clients_bandwidth == pytest.approx(1_000 * 10_100)


def test_memory_and_disk_grow_with_the_corpus_and_not_with_the_requests() -> None:
    small = planned(DEMAND, COSTS, HOSTS)
    more = planned(replace(DEMAND, documents=10_000), COSTS, HOSTS)
    busier = planned(replace(DEMAND, requests=10_000), COSTS, HOSTS)
    assert more.member_memory == pytest.approx(10 * small.member_memory)
    assert more.member_disk == pytest.approx(10 * small.member_disk)
    assert (busier.member_memory, busier.member_disk) == (small.member_memory, small.member_disk)


def test_after_a_load_every_process_computes_every_answer_once() -> None:
    plan = planned(DEMAND, COSTS, HOSTS)
    assert plan.api_rewarming == pytest.approx(100 * 1_000e-6)
    assert plan.mongod_rewarming == pytest.approx(100 * 500e-6 * plan.processes)


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--requests", "5000", "--cdn-hits", "0.9"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "| API | requests/s | 500 |" in lines
    assert all(line.count("|") == 4 for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--cdn-hits", "1.5"],
        ["--requests", "-1"],
        ["--documents", "inf"],
        ["--busy", "0"],
        ["--cores", "0"],
    ],
)
def test_invalid_demands_are_rejected(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert arguments[0] in capsys.readouterr().err
