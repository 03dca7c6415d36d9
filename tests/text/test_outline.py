"""The links of a body."""

from __future__ import annotations

import pytest

from graph.text.outline import BodyLink, links


def test_links_are_listed_in_the_order_of_the_text() -> None:
    body = """[one](/a "Title"), ![no](b.jpg), `[no](c)`, [two](<d e>).

```
[no](f)
```
<a class="x" href="/g?h=1&amp;i=2">three</a> <https://gull.example/j>
[four]({% post_url 2020-01-01-k %}) [five]({{< ref "l.md" >}})
[![picture](m.png)](/n) [six](/o_(p))

[seven]: https://gull.example/q
"""
    assert list(links(body)) == [
        BodyLink("/a", "one"),
        BodyLink("d e", "two"),
        BodyLink("/g?h=1&i=2", "three"),
        BodyLink("https://gull.example/j", ""),
        BodyLink("{% post_url 2020-01-01-k %}", "four"),
        BodyLink('{{< ref "l.md" >}}', "five"),
        BodyLink("/n", "![picture](m.png)"),
        BodyLink("/o_(p)", "six"),
        BodyLink("https://gull.example/q", "seven"),
    ]


@pytest.mark.parametrize("piece", ["[", "[a](", "<a ", "<a href=", "`", "` ", "[a]({{", "[a](("])
def test_hostile_bodies_take_linear_time(piece: str) -> None:
    assert list(links(piece * (200_000 // len(piece)))) == []
