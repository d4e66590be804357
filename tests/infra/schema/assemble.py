"""One module of the package and its declarations in; a resource's schema, as Terraform itself would write it, out."""

from typing import Any

from tests.infra.schema.bindings import Argument, Module, Result
from tests.infra.schema.declarations import Declarations, Property

Document = dict[str, Any]

# Where the package is silent: arguments which Google's provider fills in when a configuration leaves them out.
_FILLED_IN = {"id", "project", "region", "zone"}
_ITEMS = {"stringList": "string", "numberList": "number", "stringMap": "string"}
_SCALARS = {"string": "string", "number": "number", "boolean": "bool"}


def assemble(module: Module, declarations: Declarations) -> Document:
    """The schema of the construct of `module`."""
    return {"version": 0, "block": _block(module.construct, module, declarations)}


def _block(struct: str, module: Module, declarations: Declarations) -> Document:
    arguments, results = module.arguments[struct], module.results.get(struct, {})  # a provider answers with nothing
    attributes = {
        name: _attribute(name, argument, declarations.property(struct, argument.property))
        for name, argument in arguments.items()
        if not argument.block
    }
    for name, result in results.items():
        if name not in arguments:
            attributes[name] = {"type": _result_type(result, module), "computed": True}
    blocks = {
        name: _nested(argument, declarations.property(struct, argument.property), module, declarations)
        for name, argument in arguments.items()
        if argument.block
    }
    return _without_empty(attributes=dict(sorted(attributes.items())), block_types=dict(sorted(blocks.items())))


def _attribute(name: str, argument: Argument, declared: Property) -> Document:
    return _without_empty(
        type=_argument_type(argument),
        required=not declared.optional,
        optional=declared.optional,
        computed=declared.optional and name in _FILLED_IN,
        write_only=name.endswith("_wo"),
        possible_values=list(declared.values),
    )


def _argument_type(argument: Argument) -> Any:
    if argument.shape == "simple":
        return _SCALARS[argument.storage]
    return [argument.shape, _ITEMS[argument.storage]]


def _result_type(result: Result, module: Module) -> Any:
    if not result.struct:
        return result.type
    fields = {name: _result_type(each, module) for name, each in sorted(module.results[result.struct].items())}
    return [result.collection, ["object", fields]]


def _nested(argument: Argument, declared: Property, module: Module, declarations: Declarations) -> Document:
    single = argument.shape == "struct"
    return _without_empty(
        nesting_mode="single" if single else argument.shape,
        block=_block(argument.struct, module, declarations),
        min_items=0 if single or declared.optional else 1,
        max_items=0 if single or argument.many else 1,
    )


def _without_empty(**fields: Any) -> Document:
    return {name: value for name, value in fields.items() if value}
