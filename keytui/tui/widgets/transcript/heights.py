"""How tall each message is, and which one a row belongs to."""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Rows of each message, in order; every question takes a few steps, however many there are (a Fenwick tree)."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tree = [0, *self._heights]
        for place in range(1, len(self._tree)):
            parent = place + (place & -place)
            if parent < len(self._tree):
                self._tree[parent] += self._tree[place]
        self.total = sum(self._heights)
        """Rows in all."""

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def __setitem__(self, index: int, height: int) -> None:
        change = height - self._heights[index]
        if change:
            self._heights[index] = height
            self.total += change
            place = index + 1
            while place < len(self._tree):
                self._tree[place] += change
                place += place & -place

    def append(self, height: int) -> None:
        """One more message, after the others."""
        place = len(self._tree)
        start = place - (place & -place)
        self._tree.append(height + self.before(len(self._heights)) - self.before(start))
        self._heights.append(height)
        self.total += height

    def before(self, index: int) -> int:
        """Rows of the messages before this one."""
        rows = 0
        while index > 0:
            rows += self._tree[index]
            index -= index & -index
        return rows

    def find(self, row: int) -> tuple[int, int]:
        """The message that a row belongs to, and which of its rows it is; below the end, the last row."""
        row = min(max(row, 0), self.total - 1)
        place, step = 0, 1 << (len(self._tree).bit_length() - 1)
        while step:
            ahead = place + step
            if ahead < len(self._tree) and self._tree[ahead] <= row:
                place = ahead
                row -= self._tree[ahead]
            step >>= 1
        return place, row
