"""Read the components of a file from its syntax tree: nothing in it is ever run."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from studio.component import ATTRIBUTE, Declaration
from studio.inspector.expressions import Evaluator, SourceError
from studio.signature import SignatureError, describe
from studio.spec import BrokenComponent, ComponentSpec

Entry = ComponentSpec | BrokenComponent
_Function = ast.FunctionDef | ast.AsyncFunctionDef

_DECORATOR = "studio.component.component"
_TOO_DEEP = "This file is nested too deeply, or too large, to be read."


def read_syntax(
    source: str, file: str, package: str, digest: str, siblings: set[str]
) -> list[Entry]:
    """The components of one file, and what is wrong with each that cannot be read.

    file: its path in the package. siblings: names of the modules beside it.
    A file of several without a component is a helper of the others, and gives nothing.
    """
    try:
        return list(_Reader(source, file, package, digest).read(siblings))
    except SyntaxError as error:
        broken = SourceError(None, f"{error.msg}.".replace("..", "."))
        broken.line, broken.column = error.lineno, error.offset
    except SourceError as error:
        broken = error
    except (RecursionError, MemoryError):
        broken = SourceError(None, _TOO_DEEP)
    except ValueError as error:
        broken = SourceError(None, f"{error}.")
    return [_broken(file, package, broken)]


def _broken(file: str, package: str, error: SourceError) -> BrokenComponent:
    return BrokenComponent(
        file=file, package=package, message=error.message, line=error.line, column=error.column
    )


class _Reader:
    """One file, parsed."""

    def __init__(self, source: str, file: str, package: str, digest: str) -> None:
        self._file, self._package, self._digest = file, package, digest
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as "\d" in a text that is no regexp
            self._tree = ast.parse(source, file)
        self._evaluator = Evaluator(
            dict(_imports(self._tree)),
            dict(_constants(self._tree)),
            {item.name: item for item in self._tree.body if isinstance(item, ast.ClassDef)},
        )

    def read(self, siblings: set[str]) -> Iterator[Entry]:
        self._check_imports(siblings)
        for node in self._components():
            try:
                yield self._describe(node)
            except SourceError as error:
                yield _broken(self._file, self._package, error)
            except SignatureError as error:
                yield _broken(
                    self._file, self._package, SourceError(_place(node, error), str(error))
                )

    def _check_imports(self, siblings: set[str]) -> None:
        """A helper beside the file is not found by its bare name: packages are not on the path."""
        for node in ast.walk(self._tree):
            name = ""
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                name = (node.module or "").partition(".")[0]
            elif isinstance(node, ast.Import):
                name = next((a.name for a in node.names if a.name in siblings), "")
            if name in siblings:
                raise SourceError(
                    node, f"Write `from .{name} import …`: {name!r} is of this package."
                )

    def _components(self) -> list[_Function]:
        """The marked functions; else the one that bears the file's name; else the only one."""
        functions = [node for node in self._tree.body if isinstance(node, _Function)]
        marked = [node for node in functions if self._decorator(node) is not None]
        if marked:
            return marked
        stem = PurePosixPath(self._file).stem
        named = [node for node in functions if node.name == stem]
        public = [node for node in functions if not node.name.startswith("_")]
        typed = [node for node in public if node.returns is not None]
        return named or (typed if len(typed) == 1 else public if len(public) == 1 else [])

    def _decorator(self, node: _Function) -> ast.Call | None:
        for item in node.decorator_list:
            if isinstance(item, ast.Call) and self._evaluator.dotted(item.func) == _DECORATOR:
                return item
        return None

    def _describe(self, node: _Function) -> ComponentSpec:
        if isinstance(node, ast.AsyncFunctionDef):
            raise SourceError(node, "A component is an ordinary function, not an async one.")
        function = self._stand_in(node)
        try:
            return describe(
                function, package=self._package, file=self._file, digest=self._digest
            ).model_copy(update={"origin": "package"})
        except SignatureError:
            raise
        except Exception as error:  # Pydantic refuses a type in many ways
            first = str(error).splitlines()[0]
            raise SourceError(node, f"The parameters have no form: {first}") from None

    def _stand_in(self, node: ast.FunctionDef) -> Callable[..., Any]:
        """A function of the same signature and documentation that does nothing."""

        def function() -> None: ...

        parameters = list(self._parameters(node.args))
        returns = self._evaluator.type(node.returns) if node.returns else inspect.Signature.empty
        function.__name__ = node.name
        function.__doc__ = ast.get_docstring(node)
        function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        annotated = {item.name: item.annotation for item in parameters}
        annotated = {k: v for k, v in annotated.items() if v is not inspect.Parameter.empty}
        function.__annotations__ = annotated | ({"return": returns} if node.returns else {})
        declared = self._decorator(node)
        if declared is not None:
            setattr(function, ATTRIBUTE, self._declaration(declared))
        return function

    def _parameters(self, arguments: ast.arguments) -> Iterator[inspect.Parameter]:
        if arguments.posonlyargs:
            raise SourceError(arguments.posonlyargs[0], "Ports are given by name: remove the `/`.")
        missing = len(arguments.args) - len(arguments.defaults)
        defaults = [*[None] * missing, *arguments.defaults]
        for item, default in zip(arguments.args, defaults, strict=True):
            yield self._parameter(item, default, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        if arguments.vararg:
            yield self._parameter(arguments.vararg, None, inspect.Parameter.VAR_POSITIONAL)
        for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            yield self._parameter(item, default, inspect.Parameter.KEYWORD_ONLY)
        if arguments.kwarg:
            yield self._parameter(arguments.kwarg, None, inspect.Parameter.VAR_KEYWORD)

    def _parameter(self, item: ast.arg, default: ast.expr | None, kind: Any) -> inspect.Parameter:
        empty = inspect.Parameter.empty
        value = empty if default is None else self._evaluator.value(default)
        if default is not None and isinstance(value, type):  # what is imported is not looked into
            text = ast.unparse(default)
            message = f"`{text}` is not known without running the file: write its value."
            raise SourceError(default, message)
        type_ = empty if item.annotation is None else self._evaluator.type(item.annotation)
        return inspect.Parameter(item.arg, kind, default=value, annotation=type_)

    def _declaration(self, node: ast.Call) -> Declaration:
        # `schema` is code, which is not run here: it is only known to be there.
        data = [item for item in node.keywords if item.arg and item.arg != "schema"]
        given = {str(item.arg): self._evaluator.value(item.value) for item in data}
        if any(item.arg == "schema" for item in node.keywords):
            given["schema"] = _not_run
        plain = not node.args and all(item.arg for item in node.keywords)
        if not plain or not {"title", "category"} <= given.keys():
            raise SourceError(node, "Write @component(title=…, category=…).")
        try:
            network, replaces = tuple(given.pop("network", ())), dict(given.pop("replaces", {}))
            return Declaration(**given, network=network, replaces=replaces)
        except (TypeError, ValueError) as error:
            raise SourceError(node, f"@component: {error}.") from None


def _not_run(**_: Any) -> None:
    """Stands for code of the file."""


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Local name -> dotted name, of imports at the top of the file or under `if TYPE_CHECKING`."""
    bodies = [tree.body, *(item.body for item in tree.body if isinstance(item, ast.If | ast.Try))]
    for node in (item for body in bodies for item in body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                yield alias.asname or alias.name, f"{module}.{alias.name}"


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _place(node: _Function, error: SignatureError) -> ast.AST:
    """The parameter that a message names, else the function."""
    arguments = node.args
    for item in (*arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if item is not None and (f"{item.arg!r}" in str(error) or f"*{item.arg}:" in str(error)):
            return item
    return node.returns or node if "return" in str(error) else node
