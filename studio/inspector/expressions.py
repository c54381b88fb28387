"""Values of annotations, defaults and decorators, worked out from the syntax tree by a fixed list.

Only what is listed here is ever called or looked up: constants, containers, arithmetic on
numbers, names of `typing`, `pydantic.Field` and `studio.component`. Any other imported name
becomes a stand-in that only knows what it is called.
"""

from __future__ import annotations

import ast
import operator
import typing
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from studio.component import __all__ as SDK
from studio.inspector.stubs import stub

_BUILTINS = {
    item.__name__: item for item in (bool, int, float, str, list, dict, tuple, set, frozenset)
}
_TYPING = (
    *("Annotated", "Any", "Dict", "List", "Literal", "Mapping", "NamedTuple", "Optional"),
    *("Sequence", "Tuple", "Union"),
)
_REAL: dict[str, Sequence[str]] = {
    "typing": _TYPING,
    "typing_extensions": _TYPING,
    "collections.abc": ("Mapping", "Sequence"),
    "pydantic": ("Field", "NonNegativeFloat", "NonNegativeInt", "PositiveFloat", "PositiveInt"),
    "annotated_types": ("Ge", "Gt", "Le", "Len", "Lt", "MaxLen", "MinLen", "MultipleOf"),
    "datetime": ("date", "datetime", "time", "timedelta"),
    "pathlib": ("Path",),
    "studio.component": tuple(SDK),
}
_CALLABLE = {"pydantic": ("Field",), "annotated_types": _REAL["annotated_types"]}
# Not `default_factory`, nor anything else that holds code.
_FIELD = frozenset(
    {
        *("default", "title", "description", "examples", "json_schema_extra", "strict"),
        *("gt", "ge", "lt", "le", "multiple_of", "allow_inf_nan"),
        *("max_digits", "decimal_places", "min_length", "max_length", "pattern"),
    }
)
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.Pow: operator.pow,
}
_MAX_NUMBER = 1 << 64
_MAX_EXPONENT = 64


class SourceError(Exception):
    """A place of the source that cannot be read, and why. Lines and columns count from 1."""

    def __init__(self, node: ast.AST | None, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.line: int | None = getattr(node, "lineno", None)
        column: int | None = getattr(node, "col_offset", None)
        self.column = None if column is None else column + 1


class Evaluator:
    """Works out expressions of one module.

    imports: local name -> dotted name. constants: module name -> its expression.
    classes: NamedTuples of the module by name.
    """

    def __init__(
        self,
        imports: Mapping[str, str],
        constants: Mapping[str, ast.expr],
        classes: Mapping[str, ast.ClassDef],
    ) -> None:
        self._imports = imports
        self._constants = constants
        self._classes = classes
        self._known: dict[str, Any] = {}
        self._open: set[str] = set()

    def type(self, node: ast.expr) -> Any:
        """An annotation, where a text is the name of a type."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                inner = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError):
                raise SourceError(node, f"{node.value!r} is not the name of a type.") from None
            return self.type(ast.copy_location(inner, node))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        return self.value(node)

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value) if not isinstance(value, bytes | complex):
                return value
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                number = self._number(operand)
                return -number if isinstance(sign, ast.USub) else number
            case ast.List(elts=items):
                return [self.value(item) for item in items]
            case ast.Tuple(elts=items):
                return tuple(self.value(item) for item in items)
            case ast.Set(elts=items):
                return {self.value(item) for item in items}
            case ast.Dict(keys=keys, values=values) if all(key is not None for key in keys):
                pairs = zip(typing.cast("list[ast.expr]", keys), values, strict=True)
                return {self.value(key): self.value(value) for key, value in pairs}
        raise _unreadable(node)

    def dotted(self, node: ast.expr) -> str | None:
        """`pydantic.Field` for a name that was imported, whatever it is called here."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._imports:
            return None
        return ".".join([self._imports[node.id], *reversed(parts)])

    def _named(self, node: ast.Name | ast.Attribute) -> Any:
        dotted = self.dotted(node)
        if dotted is not None:
            return _imported(node, dotted)
        if isinstance(node, ast.Attribute):
            raise _unreadable(node)
        if node.id in self._known:
            return self._known[node.id]
        if node.id in self._open:
            raise SourceError(node, f"{node.id!r} is defined by itself.")
        self._open.add(node.id)
        self._known[node.id] = self._own(node)
        self._open.discard(node.id)
        return self._known[node.id]

    def _own(self, node: ast.Name) -> Any:
        """A name that the module itself, or Python, defines."""
        if node.id in self._constants:
            return self.type(self._constants[node.id])
        if node.id in self._classes:
            return self._named_tuple(self._classes[node.id])
        if node.id in _BUILTINS:
            return _BUILTINS[node.id]
        raise SourceError(node, f"{node.id!r} is not known without running the file.")

    def _named_tuple(self, node: ast.ClassDef) -> Any:
        if [self.dotted(base) for base in node.bases] != ["typing.NamedTuple"]:
            message = f"Class {node.name!r} is no NamedTuple; nothing else is read of a file."
            raise SourceError(node, message)
        fields = [
            (item.target.id, self.type(item.annotation))
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        ]
        # The functional form, because the names are known only now.
        return typing.NamedTuple(node.name, fields)

    def _subscript(self, node: ast.Subscript) -> Any:
        origin = self.value(node.value)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if origin is typing.Literal:
            values: list[Any] = [self.value(item) for item in items]
        elif origin is typing.Annotated:
            values = [self.type(items[0]), *(self.value(item) for item in items[1:])]
        else:
            values = [... if _is_dots(item) else self.type(item) for item in items]
        try:
            return origin[tuple(values) if len(values) > 1 else values[0]]
        except TypeError as error:
            raise SourceError(node, f"This is no type: {error}.") from None

    def _union(self, node: ast.BinOp) -> Any:
        left, right = self.type(node.left), self.type(node.right)
        try:
            return left | right
        except TypeError:
            return typing.Union[left, right]  # noqa: UP007 - `list[int] | "X"` has no operator

    def _call(self, node: ast.Call) -> Any:
        module, _, name = (self.dotted(node.func) or "").rpartition(".")
        if name not in _CALLABLE.get(module, ()):
            raise _unreadable(node)
        named = {item.arg: self.value(item.value) for item in node.keywords if item.arg}
        if None in {item.arg for item in node.keywords}:
            raise _unreadable(node)
        if name == "Field" and (unknown := named.keys() - _FIELD):
            raise SourceError(node, f"Field({sorted(unknown)[0]}=…) is not read of a file.")
        try:
            return getattr(import_module(module), name)(*map(self.value, node.args), **named)
        except Exception as error:
            raise SourceError(node, f"{name}(…): {error}") from None

    def _binary(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, ast.BitOr):
            return self._union(node)
        apply = _ARITHMETIC.get(type(node.op))
        if apply is None:
            raise _unreadable(node)
        left, right = self._number(node.left), self._number(node.right)
        if isinstance(node.op, ast.Pow | ast.LShift) and not 0 <= right <= _MAX_EXPONENT:
            raise SourceError(node, "This number is too large.")
        try:
            return apply(left, right)
        except (ArithmeticError, TypeError) as error:
            raise SourceError(node, f"{error}.") from None

    def _number(self, node: ast.expr) -> Any:
        value = self.value(node)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _unreadable(node)
        if abs(value) > _MAX_NUMBER:
            raise SourceError(node, "This number is too large.")
        return value


def _imported(node: ast.AST, dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    if name in _REAL.get(module, ()):
        return getattr(import_module(module), name)
    if module in _REAL:
        raise SourceError(node, f"{dotted} is not read of a file.")
    return stub(dotted)


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _unreadable(node: ast.AST) -> SourceError:
    text = ast.unparse(node)
    short = text if len(text) <= 60 else text[:60] + "…"
    return SourceError(node, f"`{short}` is not known without running the file: write its value.")
