"""A table of texts, for the terminal, for Markdown and for a spreadsheet; objects that show tables of themselves."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .errors import ParameterError, UnknownNameError

__all__ = ["FORMATS", "Summarised", "Table"]

#: The forms that :meth:`Table.render` knows.
FORMATS = ("text", "markdown", "csv")


@dataclass(frozen=True)
class Table:
    """Rows of texts under headings.

    Parameters
    ----------
    head : sequence of str
    rows : sequence of sequences of str
        As long as ``head``.
    title : str
        Stands above the table in text and Markdown.

    Raises
    ------
    ParameterError
        A row is not as long as the head.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.head):
                raise ParameterError(f"row {list(row)}: must have {len(self.head)} cells, as the head has")

    def render(self, form: str) -> str:
        """The table in one of the :data:`FORMATS`.

        Raises
        ------
        UnknownNameError
            No such format.
        """
        if form not in FORMATS:
            raise UnknownNameError("format", form, FORMATS)
        return {"text": self.text, "markdown": self.markdown, "csv": self.csv}[form]()

    def text(self) -> str:
        """Columns as wide as they need be, never cut: the first flush left, the others flush right."""
        cells = [self.head, *self.rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.head))]
        lines = [
            "  ".join(
                [row[0].ljust(widths[0]), *(c.rjust(n) for c, n in zip(row[1:], widths[1:], strict=True))]
            ).rstrip()
            for row in cells
        ]
        return "\n".join([self.title, *lines] if self.title else lines)

    def markdown(self) -> str:
        """A Markdown table; a vertical bar in a cell is escaped."""
        cells = [self.head, ["---"] * len(self.head), *self.rows]
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
        return "\n".join([f"**{self.title}**", "", *lines] if self.title else lines)

    def csv(self) -> str:
        """Comma-separated values, with the head and without the title."""
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([self.head, *self.rows])
        return file.getvalue().rstrip("\n")


class Summarised(ABC):
    """Base of objects that a user looks at; the class says what is shown in :meth:`summary`."""

    @abstractmethod
    def summary(self) -> tuple[str, Sequence[Table]]:
        """What it is, in a few words, and tables of what it holds."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary()[0]}>"

    def _repr_html_(self) -> str:
        line, tables = self.summary()
        return f"<p><b>{type(self).__name__}</b>: {escape(line)}</p>" + "".join(map(_html, tables))


def _html(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    title = f"<caption>{escape(table.title)}</caption>" if table.title else ""
    body = "".join(row(cells, "td") for cells in table.rows)
    return f"<table>{title}<thead>{row(table.head, 'th')}</thead><tbody>{body}</tbody></table>"
