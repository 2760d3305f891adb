"""Records in JSON, read back: one reader, which refuses what it does not expect, by file and key.

What is expected is a shape: ``str``, ``bool``, ``int``, ``float`` (finite; a whole number is one, too) or ``Any``, a
list ``[shape]``, a table ``{"key": shape}`` (``"key?"`` may be missing; further keys may be there) or ``{str: shape}``.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WORDS: dict[Any, str] = {str: "a text", bool: "true or false", int: "a whole number", float: "a finite number"}
SHOWN = 40
"""How much of a value is shown [characters]."""


class RecordError(ValueError):
    """A record that cannot be what it should; the message names the file, the key, and what was expected."""


def read_record(path: str | Path, shape: Any) -> Any:
    """Read a JSON file of a certain shape.

    Raises:
        FileNotFoundError: if there is none.
        RecordError: if it cannot be read, or has another shape.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} cannot be read: {error}") from None
    return record_of(text, shape, str(path))


def record_of(text: str, shape: Any, where: str) -> Any:
    """Return what a JSON text of a certain shape holds.

    >>> record_of('{"ess": [293, 263]}', {"ess": [float]}, "calibration.json")
    {'ess': [293, 263]}

    Args:
        text: the text.
        shape: what it should hold.
        where: the name of its file, for the refusal.

    Raises:
        RecordError: if it is no JSON, or has another shape.
    """
    try:
        content = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_table)
    except RecursionError:
        raise RecordError(f"{where} is not valid JSON: it nests too deep") from None
    except RecordError as error:
        raise RecordError(f"{where}: {error}") from None
    except ValueError as error:
        raise RecordError(f"{where} is not valid JSON: {error}") from None
    return checked(content, shape, where)


def checked(content: Any, shape: Any, where: str, key: str = "") -> Any:
    """Return a content of a certain shape as it is.

    >>> checked({"ess": [293, "many"]}, {"ess": [float]}, "calibration.json")
    Traceback (most recent call last):
    model.records.RecordError: calibration.json: ess.1 = 'many'; expected a finite number

    Raises:
        RecordError: if it has another shape.
    """

    def inside(name: Any) -> str:
        shown = str(name)[:SHOWN]
        return f"{key}.{shown}" if key else shown

    if isinstance(shape, list):
        _expect(isinstance(content, list), content, "a list", where, key)
        for place, value in enumerate(content):
            checked(value, shape[0], where, inside(place))
    elif isinstance(shape, Mapping):
        _expect(isinstance(content, Mapping), content, "a table", where, key)
        every = shape.get(str)
        for name, of_name in shape.items() if every is None else ((name, every) for name in content):
            known = str(name).removesuffix("?") if every is None else name
            if known in content:
                checked(content[known], of_name, where, inside(known))
            elif known == name:
                raise RecordError(f"{where}: {inside(known)} is missing")
    elif shape is not Any:
        _expect(_is(content, shape), content, WORDS[shape], where, key)
    return content


def _is(value: Any, kind: type) -> bool:
    """Whether a value is of a kind; true is no number, and what is too large for one is not finite."""
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return math.isfinite(value)
        except OverflowError:
            return False
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _expect(met: bool, value: Any, expected: str, where: str, key: str) -> None:
    if not met:
        shown = repr(value[:SHOWN]) if isinstance(value, str) else ascii(value)[:SHOWN]
        raise RecordError(f"{where}: {key or 'all of it'} = {shown}; expected {expected}")


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a table, refusing a key that is given twice: one of the two would be dropped in silence."""
    table = dict(pairs)
    for name in table if len(table) < len(pairs) else ():
        if sum(name == other for other, _ in pairs) > 1:
            raise RecordError(f"{name[:SHOWN]} is given twice")
    return table
