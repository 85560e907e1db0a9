"""The numbers in a table's cells, block by block: quickly where all are numbers, with care where not."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np

from regulab.errors import InputError
from regulab.histories.readers.column_names import shown
from regulab.histories.readers.epochs import MISSING
from regulab.histories.readers.text import place, unknown_format

#: No line of a log is longer.
LONGEST_LINE = 1 << 20
_BLOCK = 1 << 22
#: Rows that are read cell by cell take some microseconds each.
_MAX_CAREFUL = 2_000_000
#: What loggers write where there is no value; `nan` is a value.
_EMPTY = {"", "na", "n/a", "none", "null", "-"}
#: Thousands as spreadsheets part them: 1,234.5 and 1.234,5.
_BY_COMMAS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_BY_POINTS = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+,\d*")


@dataclass
class Cells:
    """The numbers of a file, block by block."""

    path: Path
    file: TextIO
    separator: str
    header: list[str]
    _unread: Counter[int] = field(default_factory=Counter)
    _numbers: Counter[int] = field(default_factory=Counter)
    _example: dict[int, str] = field(default_factory=dict)
    _lines: int = 1
    _truncated: bool = False
    _headers: int = 0
    _careful: int = 0
    _needed: set[int] = field(default_factory=set)
    _words: set[int] = field(default_factory=set)
    _lines_read: bool = False

    def blocks(self, columns: list[int], *, needed: set[int]) -> Iterator[np.ndarray]:
        """Arrays of shape `(rows, columns)`, `MISSING` where a cell is empty or no number.

        A column of words in the first block is taken for one throughout, unless it is needed.
        """
        self._needed = needed
        while text := self.file.read(_BLOCK):
            if not text.endswith("\n"):
                text += self.file.readline(LONGEST_LINE)
            whole = text.endswith("\n")
            if not whole and not self._at_end():
                raise unknown_format(self.path, f"which has a line of more than {LONGEST_LINE:,} characters")
            if "\0" in text:
                raise unknown_format(self.path, "which is no text and no event file")
            block = self._fast(text, columns) if whole else None
            if block is None:
                block = self._slow(text, columns, whole=whole)
                if not self._lines_read:
                    self._words = {column for column in self._unread if not self._numbers[column]} - self._needed
            else:
                self._numbers.update({column: len(block) for column in columns if column not in self._words})
            self._lines_read = True
            self._lines += text.count("\n")
            if len(block):
                yield block

    def notes(self) -> list[str]:
        """What could not be read."""
        notes = []
        for column, count in sorted(self._unread.items()):
            if self._numbers[column] or column in self._needed:  # else it is a column of text
                what = f"{count} values that are no numbers" if count > 1 else "a value that is no number"
                name, example = shown(self.header[column]), shown(self._example[column])
                notes.append(f"Left out {what} in '{name}': '{example}'.")
        if self._headers:
            notes.append("The header stands in the log more than once.")
        if self._truncated:
            notes.append("Left out the last line, which was cut short.")
        return notes

    def require_numbers(self, columns: list[int]) -> None:
        """Refuse words in the place of all numbers.

        Args:
            columns: Those of which one has to hold a number, if there is anything in them.

        Raises:
            InputError: If there are words and no number.
        """
        words = next((column for column in columns if self._unread[column]), None)
        if words is None or any(self._numbers[column] for column in columns):
            return
        hint = " Part the cells of a line by commas, semicolons or tabs." if len(self.header) == 1 else ""
        raise InputError(
            f"Expected numbers in '{shown(self.header[words])}' of {place(self.path)}. "
            f"Received: '{shown(self._example[words])}'.{hint}"
        )

    def _fast(self, text: str, columns: list[int]) -> np.ndarray | None:
        """A block by NumPy's own parser, or None where it needs care."""
        if "NAN" in text or not text.strip():
            return None
        if '"' in text:
            text = re.sub(r'"([^",;\t\n]*)"', r"\1", text)
            text = re.sub(r'"[^"\n]*"', "text", text)
            if '"' in text:
                return None
        unquoted = text
        cells = text.count(self.separator)
        if self.separator != ",":
            text = text.replace(",", ".")
        missing = repr(MISSING)
        for word in ("NA", "None", "null"):
            text = text.replace(word, missing)
        empty = f"{self.separator}{self.separator}"
        if empty in text:
            filled = f"{self.separator}{missing}{self.separator}"
            text = text.replace(empty, filled).replace(empty, filled)
        text = text.replace(f"{self.separator}\n", f"{self.separator}{missing}\n")
        text = text.replace(f"\n{self.separator}", f"\n{missing}{self.separator}")
        numbers = [column for column in columns if column not in self._words]
        try:
            block = np.loadtxt(
                io.StringIO(text), delimiter=self.separator, usecols=numbers, ndmin=2, comments=None, dtype=np.float64
            )
        except (ValueError, IndexError):
            return None
        if cells != len(block) * (len(self.header) - 1):
            return None
        # Spreadsheets write rows of separators alone. The search is slow, and most blocks need none.
        if (block == MISSING).all(axis=1).any() and re.search(rf"^{self.separator}+$", unquoted, re.MULTILINE):
            return None
        if len(numbers) < len(columns):
            every = np.full((len(block), len(columns)), MISSING)
            every[:, [columns.index(column) for column in numbers]] = block
            return every
        return block

    def _slow(self, text: str, columns: list[int], *, whole: bool) -> np.ndarray:
        """A block cell by cell, for what the fast way does not take: words, ragged lines."""
        lines = csv.reader(io.StringIO(text), delimiter=self.separator)
        found = []
        try:
            rows = list(lines)
            self._careful += len(rows)
        except csv.Error as error:
            raise InputError(f"Expected text in CSV format in {place(self.path)}. Received: {error}.") from None
        if self._careful > _MAX_CAREFUL:
            raise InputError(
                f"Expected at most {_MAX_CAREFUL:,} lines in {place(self.path)} in parts where not all cells of the "
                "epoch, the losses and the metrics are numbers or empty. Received: more. Leave out what is no number."
            )
        last_of_file = not whole or self._at_end()
        open_quote = text[text.rfind("\n") + 1 :].count('"') % 2 == 1
        for number, row in enumerate(rows):
            if not any(map(str.strip, row)):
                continue
            if row == self.header:
                self._headers += 1
                continue
            last = last_of_file and number == len(rows) - 1
            if len(row) == len(self.header) + 1 and not row[-1].strip():
                row.pop()
            if len(row) != len(self.header):
                if last and len(row) < len(self.header):
                    self._truncated = True
                    continue
                raise InputError(
                    f"Expected {len(self.header)} values in every line of {place(self.path)}, as in its header. "
                    f"Received: {len(row)} in line {self._lines + number + 1}."
                )
            if last and not whole and (open_quote or self._is_cut(row[-1], rows[:number])):
                self._truncated = True
                continue
            found.append([self._value(row[column], column) for column in columns])
        return np.array(found, dtype=np.float64).reshape(-1, len(columns))

    def _is_cut(self, cell: str, before: list[list[str]]) -> bool:
        """Whether a cell at the end of the file lost its end; a number is one still: 0. of 0.95, 1.2 of 1.2e-05."""
        fewest = min((_decimals(row[-1]) for row in before if row), default=0)
        return bool(cell.strip()) and (self._number(cell) is None or _decimals(cell) < fewest)

    def _at_end(self) -> bool:
        # A block ends at a line's end, so what follows it starts the next block.
        position = self.file.tell()
        rest = self.file.read(1)
        self.file.seek(position)
        return not rest

    def _value(self, cell: str, column: int) -> float:
        number = self._number(cell)
        if number is None:
            if cell.strip().lower() not in _EMPTY:
                self._unread[column] += 1
                self._example.setdefault(column, cell)
            return MISSING
        self._numbers[column] += 1
        return number

    def _number(self, cell: str) -> float | None:
        text = cell.strip().removesuffix("%")
        if _BY_POINTS.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        # Beside another separator, a comma alone is the decimal one.
        elif _BY_COMMAS.fullmatch(text) and (self.separator == "," or "." in text):
            text = text.replace(",", "")
        if self.separator != ",":
            text = text.replace(",", ".")
        try:
            return float(text)
        except ValueError:
            return None


def _decimals(cell: str) -> int:
    """How many characters stand behind the point."""
    return len(cell.strip().partition(".")[2])
