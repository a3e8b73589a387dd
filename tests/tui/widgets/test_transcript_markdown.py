"""Markdown as rows: the same however it was cut on its way, and as a reader expects it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.markdown import MarkdownRows

LOOK = Look(
    text=Style(color="white"),
    dim=Style(dim=True),
    title=Style(bold=True),
    heading=Style(color="green"),
    code=Style(color="cyan"),
    block=Style(bgcolor="black"),
    link=Style(underline=True),
    warning=Style(color="red"),
    keyword=Style(color="blue"),
    string=Style(color="yellow"),
    number=Style(color="magenta"),
    comment=Style(italic=True),
    name=Style(bold=True),
)

PARTS = {
    "prose": "**Bold *and* words** with `code`, [link](https://example.org/x), https://bare.example/y.\nNext line.",
    "heading": "# Title of *it*",
    "setext": "Setext\n======",
    "list": "- one\n- two words that wrap when there is little room\n  - nested\n\n    para in nested\n- three",
    "code in a list": "- do this:\n\n  ```python\n  def f(x):\n      return x\n  ```\n- then that",
    "numbers": "3. first\n3. second\n3. third\n\n   with more",
    "quote": "> quoted **b**\n> - item\n>\n> second",
    "table": "| Name | Value |\n|:--|--:|\n| a | 1 |\n| longer cell | 22 |",
    "long table": "| a | b |\n|---|---|\n" + "\n".join(f"| row {n} | {'x' * (n % 9)} |" for n in range(30)),
    "rule": "---",
    "code": "```python\nimport os\n\n\ndef f():\n\treturn '''a\nb''' # c\n```",
    "long code": "~~~js\n" + "\n".join(f"let a{n} = {n};" + ("\n" if n % 7 == 0 else "") for n in range(70)) + "\n~~~",
    "indented code": "    indented\n    more",
    "wide": "漢字かな交じり文。です 👩\u200d👩\u200d👧 ❤\ufe0f end",
    "html": "<b>no</b> &amp; yes \\* escaped",
    "unclosed": "```sh\necho $HOME\n``",
    "long paragraph": "many words, one line. " * 200,
}


def drawn(pieces: list[str], width: int) -> MarkdownRows:
    rows = MarkdownRows(width, LOOK)
    for piece in pieces:
        rows.feed(piece)
    rows.finish()
    return rows


def seen(rows: MarkdownRows) -> list[tuple[object, ...]]:
    """Every row with its styles; segments of one style joined."""
    found: list[tuple[object, ...]] = []
    for number in range(rows.height):
        row = rows.row(number)
        parts: list[tuple[str, str]] = []
        for segment in row.segments:
            style = str(segment.style)
            if parts and parts[-1][1] == style:
                parts[-1] = (parts[-1][0] + segment.text, style)
            else:
                parts.append((segment.text, style))
        found.append((row.wraps, row.skip, *parts))
    return found


def lines(source: str, width: int = 60) -> list[str]:
    rows = drawn([source], width)
    return [rows.row(number).text.rstrip() for number in range(rows.height)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=6),
    st.sampled_from([1, 7, 24, 80]),
    st.lists(st.integers(1, 60), min_size=1, max_size=40),
    st.sampled_from(["\n\n", "\n"]),
)
@example(["long paragraph", "rule", "wide"], 24, [58, 18, 54, 4], "\n")
def test_where_the_text_is_cut_makes_no_difference(names: list[str], width: int, steps: list[int], glue: str) -> None:
    source = glue.join(PARTS[name] for name in names)
    # Each piece draws an open paragraph anew, which has a row for every character where it is that narrow.
    finest = len(source) // (50 * width)
    pieces = []
    at = turn = 0
    while at < len(source):
        step = max(steps[turn % len(steps)], finest)
        pieces.append(source[at : at + step])
        at += step
        turn += 1
    whole, cut = drawn([source], width), drawn(pieces, width)
    assert seen(cut) == seen(whole)
    assert cut.codes == whole.codes


@given(st.text("a*_`#>-|[]()\n 1.~:\\<&", max_size=120), st.integers(1, 50))
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_sent_breaks_it(source: str, cut: int) -> None:
    rows = drawn([source[:cut], source[cut:]], 20)
    assert all(rows.row(number).text is not None for number in range(rows.height))


@pytest.mark.parametrize("name", sorted(PARTS))
@pytest.mark.parametrize("width", [12, 40])
def test_rows_fit_the_width(name: str, width: int) -> None:
    rows = drawn([PARTS[name]], width)
    for number in range(rows.height):
        row = rows.row(number)
        assert row.cells == cell_len(row.text)
        assert row.cells <= width


def test_lists_keep_their_marks_and_their_numbers_count_on() -> None:
    assert lines(PARTS["numbers"]) == ["3. first", "4. second", "5. third", "", "   with more"]
    assert lines("- a\n  - b\n    - c") == ["• a", "  ◦ b", "    ▪ c"]


def test_a_table_is_aligned() -> None:
    assert lines(PARTS["table"]) == [
        "Name          Value",
        "a                 1",
        "longer cell      22",
    ]


def test_a_table_in_a_narrow_window_is_a_list() -> None:
    assert lines("| one | two | three |\n|---|---|---|\n| a | b | c |", 12) == ["• one: a", "  two: b", "  three: c"]


def test_a_code_block_names_its_language_and_is_kept_whole() -> None:
    rows = drawn([PARTS["code"]], 40)
    assert rows.row(0).text == "│ python"
    [code] = rows.codes
    assert code.text == "import os\n\n\ndef f():\n\treturn '''a\nb''' # c"
    assert (code.first, code.end) == (0, rows.height)


def test_only_addresses_that_a_terminal_may_open_are_links() -> None:
    rows = drawn(["[a](https://example.org) [b](file:///etc/passwd) http://plain.example."], 80)
    links = {segment.style.link for segment in rows.row(0).segments if segment.style and segment.style.link}
    assert links == {"https://example.org", "http://plain.example"}


def test_control_characters_are_pictures() -> None:
    assert lines("a\x1b[2Jb \u202etxt") == ["a␛[2Jb �txt"]


def test_html_is_text() -> None:
    assert lines("<script>x</script> [b]y[/b]") == ["<script>x</script> [b]y[/b]"]


def coming(source: str) -> list[str]:
    """The rows of a text of which there may be more."""
    rows = MarkdownRows(60, LOOK)
    rows.feed(source)
    return [rows.row(number).text.rstrip() for number in range(rows.height)]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a **bold", ["a bold"]),
        ("a **bold*", ["a bold"]),
        ("a **", ["a"]),
        ("- one\n- **two *and", ["• one", "• two and"]),
        ("the key `sk-", ["the key sk-"]),
        ("2 * 3 is 6 and 5*3", ["2 * 3 is 6 and 5*3"]),
        ("before\n\n| a | b", ["before"]),
        ("| a | b |\n|---|---|\n| one |", []),
        ("| a | b |\n|---|---|\n| one | two |\n| th", ["a     b", "one   two"]),
        ("|" + "x" * 500, ["|" + "x" * 59, *["x" * 60] * 7, "x" * 21]),
    ],
)
def test_what_is_still_coming_is_drawn_as_it_will_be(source: str, shown: list[str]) -> None:
    assert coming(source) == shown
