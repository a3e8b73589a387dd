"""A scroll position that is set together with the height it belongs to.

textual 8.2.8: ``virtual_size`` is a reactive that asks for a new layout of the screen, and ``scroll_y`` one that paints
the whole widget, so that a line of new text paints everything twice. Both are set beneath their reactives here; the
scrollbar is told by the private ``_scroll_update``.
"""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


def place(view: ScrollView, height: int, top: int) -> bool:
    """Give a view its virtual height and its first row, without a layout and without a repaint.

    Returns:
        Whether the first row or the scrollbar's presence has changed, so that all rows have to be painted.
    """
    before = (view.scroll_offset.y, view.show_vertical_scrollbar)
    size = Size(0, height)
    if size != view.virtual_size:
        view.set_reactive(Widget.virtual_size, size)
        view.set_reactive(Widget.scroll_y, float(top))
        view._scroll_update(size)
    if view.scroll_y != top:
        view.set_reactive(Widget.scroll_y, float(top))
    if view.scroll_target_y != top:
        view.set_reactive(Widget.scroll_target_y, float(top))
    if view.show_vertical_scrollbar and view.vertical_scrollbar.position != top:
        view.vertical_scrollbar.position = top
    return (top, view.show_vertical_scrollbar) != before
