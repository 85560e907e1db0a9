"""The numbers in the cells of a CSV file, read block by block in bounded memory."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from regulab.errors import InputError
from regulab.histories.readers.column_names import shown
from regulab.histories.readers.number_block import NumberBlock
from regulab.histories.readers.text import shown_path, unknown_format

#: No line of a log is longer.
LONGEST_LINE = 1 << 20
#: Characters that are read at a time.
BLOCK_SIZE = 1 << 22
#: Rows that are turned into numbers at a time: lists of many rows cost memory, and Python's garbage collector time.
ROWS_AT_A_TIME = 10_000
#: What loggers write where there is no value; `nan` is a value.
_EMPTY = {"", "na", "n/a", "none", "null", "-"}
#: Thousands as spreadsheets separate them: 1,234.5 and 1.234,5.
_BY_COMMAS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_BY_POINTS = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+,\d*")


@dataclass
class CsvCells:
    """The cells of a CSV file whose header has been read.

    Attributes:
        path: The file, for messages.
        file: The rest of it.
        separator: Between the cells of a line.
        header: Name of each column.
    """

    path: Path
    file: TextIO
    separator: str
    header: list[str]
    _numbers: Counter[int] = field(default_factory=Counter)
    _words: Counter[int] = field(default_factory=Counter)
    _first_word: dict[int, str] = field(default_factory=dict)
    _needed: frozenset[int] = frozenset()
    _text_columns: frozenset[int] | None = None
    _lines: int = 1
    _repeated_header: bool = False
    _truncated: bool = False

    def blocks(self, columns: Sequence[int], *, needed: frozenset[int]) -> Iterator[NumberBlock]:
        """The numbers in some of the columns.

        Args:
            columns: Their positions.
            needed: Those in which words are an error. Any other column that holds nothing but words at first is taken
                for text throughout.

        Raises:
            InputError: If the rest of the file is not a CSV with as many cells in every line as the header has.
        """
        self._needed = needed
        while text := self.file.read(BLOCK_SIZE):
            if not text.endswith("\n"):
                text += self.file.readline(LONGEST_LINE)
            at_end = self._at_end()
            if not text.endswith("\n") and not at_end:
                raise unknown_format(self.path, f"which has a line of more than {LONGEST_LINE:,} characters")
            if "\0" in text:
                raise unknown_format(self.path, "which is no text and no event file")
            block = self._block(text, columns, at_end=at_end)
            self._lines += text.count("\n")
            if self._text_columns is None:
                self._text_columns = frozenset(column for column in self._words if not self._numbers[column]) - needed
            if len(block):
                yield block

    def notes(self) -> list[str]:
        """What could not be read."""
        notes = []
        for column, count in sorted(self._words.items()):
            if self._numbers[column] or column in self._needed:  # else it is a column of text
                words = f"{count} values that are no numbers" if count > 1 else "a value that is no number"
                name, example = shown(self.header[column]), shown(self._first_word[column])
                notes.append(f"Left out {words} in '{name}': '{example}'.")
        if self._repeated_header:
            notes.append("The header stands in the log more than once.")
        if self._truncated:
            notes.append("Left out the last line, which was cut short.")
        return notes

    def require_numbers(self, columns: Sequence[int]) -> None:
        """Refuse words in place of all numbers.

        Args:
            columns: Those of which one has to hold a number, if there is anything in them.

        Raises:
            InputError: If there are words and no number.
        """
        words = next((column for column in columns if self._words[column]), None)
        if words is None or any(self._numbers[column] for column in columns):
            return
        hint = " Separate the cells of a line by commas, semicolons or tabs." if len(self.header) == 1 else ""
        raise InputError(
            f"Expected numbers in '{shown(self.header[words])}' of {shown_path(self.path)}. "
            f"Received: '{shown(self._first_word[words])}'.{hint}"
        )

    def _at_end(self) -> bool:
        # A block ends at a line's end, so what follows it starts the next block.
        position = self.file.tell()
        rest = self.file.read(1)
        self.file.seek(position)
        return not rest

    def _block(self, text: str, columns: Sequence[int], *, at_end: bool) -> NumberBlock:
        reader = csv.reader(io.StringIO(text), delimiter=self.separator)
        parts: list[NumberBlock] = []
        line = self._lines + 1
        try:
            rows = list(islice(reader, ROWS_AT_A_TIME))
            while rows:
                following = list(islice(reader, ROWS_AT_A_TIME))
                is_last = at_end and not following
                parts.append(self._numbers_of(self._complete(rows, text, line=line, is_last=is_last), columns))
                line += len(rows)
                rows = following
        except csv.Error as error:
            raise InputError(f"Expected text in CSV format in {shown_path(self.path)}. Received: {error}.") from None
        return NumberBlock.joined(parts)

    def _complete(self, rows: list[list[str]], text: str, *, line: int, is_last: bool) -> list[list[str]]:
        """The rows with a cell for each column, without blank lines, repeated headers and a last line that was cut.

        Args:
            rows: Some rows.
            text: The block that they are from.
            line: The line of the first of them, for messages.
            is_last: Whether they are the last of the file.
        """
        width = len(self.header)
        lost_end = is_last and self._is_cut(text)
        if set(map(len, rows)) == {width} and self.header not in rows and not lost_end:
            return rows
        complete = []
        for index, row in enumerate(rows):
            if not any(map(str.strip, row)):
                continue
            if row == self.header:
                self._repeated_header = True
                continue
            if len(row) == width + 1 and not row[-1].strip():
                row.pop()  # a separator at the end of the line
            ends_file = is_last and index == len(rows) - 1
            if len(row) > width or (len(row) < width and not ends_file):
                raise InputError(
                    f"Expected {width} values in every line of {shown_path(self.path)}, as in its header. "
                    f"Received: {len(row)} in line {line + index}."
                )
            if len(row) < width or (ends_file and lost_end):
                self._truncated = True
                continue
            complete.append(row)
        return complete

    def _is_cut(self, text: str) -> bool:
        """Whether the last line of the file lost its end; what is left may still be a number: 0. of 0.95."""
        if text.endswith("\n"):
            return False
        if text[text.rfind("\n") + 1 :].count('"') % 2 == 1:
            return True
        *before, last = ([*row[: len(self.header)]] for row in csv.reader(io.StringIO(text), delimiter=self.separator))
        fewest = min((_decimals(row[-1]) for row in before if row), default=0)
        return bool(last[-1].strip()) and (self._number(last[-1]) is None or _decimals(last[-1]) < fewest)

    def _numbers_of(self, rows: list[list[str]], columns: Sequence[int]) -> NumberBlock:
        values = np.full((len(rows), len(columns)), np.nan)
        valid = np.zeros((len(rows), len(columns)), dtype=bool)
        for index, column in enumerate(columns):
            if self._text_columns is not None and column in self._text_columns:
                continue
            cells = [row[column] for row in rows]
            try:
                # Most columns hold nothing but numbers as Python writes them.
                values[:, index] = np.fromiter(map(float, cells), np.float64, len(cells))
                valid[:, index] = True
            except ValueError:
                numbers = [self._number(cell) for cell in cells]
                valid[:, index] = [number is not None for number in numbers]
                values[valid[:, index], index] = [number for number in numbers if number is not None]
                self._note_words(column, [cells[row] for row in np.flatnonzero(~valid[:, index])])
            self._numbers[column] += int(valid[:, index].sum())
        # Spreadsheets write rows of separators alone.
        without_number = np.flatnonzero(~valid.any(axis=1))
        blank = [row for row in without_number if not any(map(str.strip, rows[row]))]
        return (
            NumberBlock(np.delete(values, blank, axis=0), np.delete(valid, blank, axis=0))
            if blank
            else NumberBlock(values, valid)
        )

    def _note_words(self, column: int, cells: list[str]) -> None:
        words = [cell for cell in cells if cell.strip().lower() not in _EMPTY]
        if words:
            self._words[column] += len(words)
            self._first_word.setdefault(column, words[0])

    def _number(self, cell: str) -> float | None:
        if not cell:
            return None
        try:
            return float(cell)
        except ValueError:
            pass
        text = cell.strip().removesuffix("%")
        if _BY_POINTS.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        # Next to another separator, a comma alone is the decimal one.
        elif _BY_COMMAS.fullmatch(text) and (self.separator == "," or "." in text):
            text = text.replace(",", "")
        if self.separator != ",":
            text = text.replace(",", ".")
        try:
            return float(text)
        except ValueError:
            return None


def _decimals(cell: str) -> int:
    """How many characters follow the point."""
    return len(cell.strip().partition(".")[2])
