from __future__ import annotations

from graph.store.queries.filters import (
    Condition,
    Group,
    Order,
    Test,
    match,
    ranges_beyond,
    sort_of,
    total,
)


def test_values_of_conditions_are_always_below_an_operator() -> None:
    hostile: list[Test] = [
        Condition("topics", "any", ["$where"]),
        Condition("type", "eq", "(a+)+$"),
    ]
    assert match({"published": True}, hostile) == {
        "published": True,
        "$and": [{"topics": {"$in": ["$where"]}}, {"type": {"$eq": "(a+)+$"}}],
    }


def test_no_conditions_leave_the_base_as_it_is() -> None:
    assert match({"published": True}, []) == {"published": True}


def test_the_tie_break_follows_the_last_key() -> None:
    orders = total((Order("heat"), Order("title", descending=False)), "title", "date")
    assert sort_of(orders) == (("heat", -1), ("title", 1), ("date", 1), ("_id", 1))


def test_a_descending_range_after_a_value_has_smaller_values_and_nulls() -> None:
    assert ranges_beyond([Order("heat"), Order("_id")], [7, "a"]) == [
        {"heat": 7, "_id": {"$lt": "a"}},
        {"heat": {"$lt": 7}},
        {"heat": None},
    ]


def test_a_descending_range_after_null_has_only_nulls() -> None:
    orders = [Order("heat"), Order("_id")]
    assert ranges_beyond(orders, [None, "a"]) == [{"heat": None, "_id": {"$lt": "a"}}]


def test_an_ascending_range_after_null_has_every_value() -> None:
    orders = [Order("heat", descending=False), Order("_id", descending=False)]
    assert ranges_beyond(orders, [None, "a"]) == [
        {"heat": None, "_id": {"$gt": "a"}},
        {"heat": {"$ne": None}},
    ]


def test_the_range_nearest_to_the_row_comes_first() -> None:
    orders = [Order("heat"), Order("title", descending=False), Order("_id")]
    assert ranges_beyond(orders, [7, "t", "a"]) == [
        {"heat": 7, "title": "t", "_id": {"$lt": "a"}},
        {"heat": 7, "title": {"$gt": "t"}},
        {"heat": {"$lt": 7}},
        {"heat": None},
    ]


def test_an_empty_and_or_nor_group_matches_as_in_logic() -> None:
    assert match({}, [Group("$and", ()), Group("$nor", ())]) == {"$and": [{}, {}]}
    assert match({}, [Group("$or", ())]) == {"$and": [{"_id": {"$in": []}}]}


def test_a_prefix_is_the_range_up_to_the_next_character() -> None:
    assert Condition("_id", "startsWith", "_news/2").query() == {
        "_id": {"$gte": "_news/2", "$lt": "_news/3"}
    }
    assert Condition("_id", "startsWith", "a\ud7ff").query() == {
        "_id": {"$gte": "a\ud7ff", "$lt": "a\ue000"}
    }
    assert Condition("_id", "startsWith", "a\U0010ffff").query()["_id"]["$lt"] == "b"
    assert Condition("_id", "startsWith", "").query() == {"_id": {"$gte": ""}}
