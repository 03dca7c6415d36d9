from __future__ import annotations

from graph.store.filters import Condition, Order, beyond, match, sort_of, with_tie_break


def test_conditions_stand_below_operators_chosen_here() -> None:
    hostile = [Condition("topics", "any", ["$where"]), Condition("type", "eq", "(a+)+$")]
    assert match({"published": True}, hostile) == {
        "published": True,
        "$and": [{"topics": {"$in": ["$where"]}}, {"type": {"$eq": "(a+)+$"}}],
    }


def test_no_conditions_leave_the_base_as_it_is() -> None:
    assert match({"published": True}, []) == {"published": True}


def test_the_tie_break_follows_the_last_key() -> None:
    orders = with_tie_break([Order("heat"), Order("publishedDateTime", descending=False)])
    assert sort_of(orders) == [("heat", -1), ("publishedDateTime", 1), ("_id", 1)]


def test_beyond_a_value_descending_are_the_smaller_ones_then_the_nulls() -> None:
    assert beyond([Order("heat"), Order("_id")], [7, "a"]) == {
        "$or": [{"heat": {"$lt": 7}}, {"heat": None}, {"heat": 7, "_id": {"$lt": "a"}}]
    }


def test_beyond_null_descending_are_only_the_other_nulls() -> None:
    assert beyond([Order("heat"), Order("_id")], [None, "a"]) == {
        "$or": [{"heat": None, "_id": {"$lt": "a"}}]
    }


def test_beyond_null_ascending_is_everything_that_has_a_value() -> None:
    orders = [Order("heat", descending=False), Order("_id", descending=False)]
    assert beyond(orders, [None, "a"]) == {
        "$or": [{"heat": {"$ne": None}}, {"heat": None, "_id": {"$gt": "a"}}]
    }
