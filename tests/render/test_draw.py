"""Pages without styles, which are put together as they are, beside the same ones printed by Rich."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.render.draw import _pieces, draw
from engagement_cli.render.layout import Layout
from engagement_cli.render.page import Block, Cell, Code, Column, Grid, Line, Section
from engagement_cli.render.printing import printed

texts = st.text(st.sampled_from("ab [b]—é漢👍🏽\u00a0\u3000\t\x1b\n"), max_size=30)
cells = st.builds(Cell, texts, texts, st.sampled_from(["", "bold", "dim"]))
rows = st.lists(st.tuples(cells, cells), max_size=3).map(tuple)
sections = st.lists(st.builds(Section, texts, rows), max_size=2).map(tuple)
grids = st.builds(lambda found: Grid((Column("a", "A", right=False), Column("b", "B")), found), sections)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Line, texts, st.just("dim"), st.sampled_from([0, 1])),
    grids,
    st.builds(Code, st.lists(texts, max_size=3).map(tuple)),
)


@given(st.lists(blocks, max_size=4), st.integers(8, 40))
def test_what_needs_no_rich_is_as_rich_prints_it(found: list[Block], width: int) -> None:
    page, layout = tuple(found), Layout(width)
    assert draw(page, layout) == printed(list(_pieces(page, width)), layout)
