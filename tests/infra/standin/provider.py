"""A provider's schema in; answers to the questions that Terraform asks of a provider out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.schema.model import Attribute, Block, Provider
from tests.infra.standin.answers import made_up
from tests.infra.standin.protocol import MESSAGES
from tests.infra.standin.values import Values, answered, decoded, encoded, known, planned, refused

_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
_ERROR = 1


class StandIn:
    """One provider: each method is the one of the plugin protocol with its name, but for the capitals."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.project = ""
        kinds = {
            kind: [MESSAGES["SchemaEntry"](key=name, value=_schema(block)) for name, block in types.items()]
            for kind, types in provider.types.items()
        }
        self.schemas = MESSAGES["Schemas"](provider=_schema(provider.config), **kinds)

    def get_schema(self, _request: Any) -> Any:
        """What every resource takes and answers with."""
        return self.schemas

    def prepare_provider_config(self, request: Any) -> Any:
        """The configuration, as it came."""
        return MESSAGES["PrepareResponse"](prepared_config=request.config)

    def configure(self, request: Any) -> Any:
        """Nothing is connected to; only the project is kept, for resources that name none."""
        self.project = decoded(request.config.msgpack).get("project") or ""
        return MESSAGES["Diagnostics"]()

    def validate_resource_type_config(self, request: Any) -> Any:
        """What cannot be set, and words that are none of a closed list; Terraform has checked the rest by itself."""
        return MESSAGES["Diagnostics"](diagnostics=self._diagnostics("resource", request))

    def validate_data_source_config(self, request: Any) -> Any:
        """As for a resource."""
        return MESSAGES["Diagnostics"](diagnostics=self._diagnostics("data", request))

    def validate_ephemeral_resource_config(self, request: Any) -> Any:
        """As for a resource."""
        return MESSAGES["Diagnostics"](diagnostics=self._diagnostics("ephemeral", request))

    def upgrade_resource_state(self, request: Any) -> Any:
        """The state as it was kept, for there is one version of every schema."""
        return MESSAGES["UpgradeResponse"](upgraded_state=_dynamic(json.loads(request.raw_state.json)))

    def read_resource(self, request: Any) -> Any:
        """The state as it was kept: nobody else changes it."""
        return MESSAGES["ReadResponse"](new_state=request.current_state)

    def plan_resource_change(self, request: Any) -> Any:
        """What was asked for, and unknown where the provider would fill in."""
        block = self.provider.types["resource"][request.type_name]
        proposed = decoded(request.proposed_new_state.msgpack)
        return MESSAGES["PlanResponse"](planned_state=_dynamic(planned(block, proposed)))

    def apply_resource_change(self, request: Any) -> Any:
        """What was planned, with answers made up."""
        plan = decoded(request.planned_state.msgpack)
        state = self._answered("resource", request.type_name, plan)
        return MESSAGES["ApplyResponse"](new_state=_dynamic(state))

    def import_resource_state(self, request: Any) -> Any:
        """A resource of which only the id is known."""
        block = self.provider.types["resource"][request.type_name]
        state = {**dict.fromkeys(block.attributes), **{name: [] for name in block.blocks}, "id": request.id}
        state.update({name: None for name, each in block.blocks.items() if each.nesting == "single"})
        imported = MESSAGES["Imported"](type_name=request.type_name, state=_dynamic(state))
        return MESSAGES["ImportResponse"](imported_resources=[imported])

    def read_data_source(self, request: Any) -> Any:
        """What was asked for, with answers made up."""
        state = self._answered("data", request.type_name, decoded(request.config.msgpack))
        return MESSAGES["DataResponse"](state=_dynamic(state))

    def open_ephemeral_resource(self, request: Any) -> Any:
        """What was asked for, with answers made up."""
        result = self._answered("ephemeral", request.type_name, decoded(request.config.msgpack))
        return MESSAGES["OpenResponse"](result=_dynamic(result))

    def close_ephemeral_resource(self, _request: Any) -> Any:
        """Nothing was opened."""
        return MESSAGES["Diagnostics"]()

    def stop(self, _request: Any) -> Any:
        """Nothing is under way."""
        return MESSAGES["StopResponse"]()

    def _answered(self, kind: str, name: str, values: Values | None) -> Values | None:
        given = {key: value for key, value in (values or {}).items() if value is not None and known(value)}
        context = {"project": self.project, **given}

        def make_up(answer: str, attribute: Attribute) -> Any:
            return made_up(name, context, answer, attribute)

        return answered(self.provider.types[kind][name], values, make_up)

    def _diagnostics(self, kind: str, request: Any) -> Iterator[Any]:
        block = self.provider.types[kind][request.type_name]
        for path, complaint in refused(block, decoded(request.config.msgpack)):
            yield MESSAGES["Diagnostic"](
                severity=_ERROR,
                summary=f"{request.type_name}: {path[-1]} {complaint}",
                attribute=MESSAGES["AttributePath"](steps=map(_step, path)),
            )


def _dynamic(value: Any) -> Any:
    return MESSAGES["DynamicValue"](msgpack=encoded(value))


def _step(part: str | int) -> Any:
    named: Mapping[str, Any] = {"attribute_name": part} if isinstance(part, str) else {"element_key_int": part}
    return MESSAGES["Step"](**named)


def _schema(block: Block) -> Any:
    return MESSAGES["Schema"](block=_block(block))


def _block(block: Block) -> Any:
    attributes = [
        MESSAGES["Attribute"](
            name=name,
            type=json.dumps(each.type).encode(),
            required=each.required,
            optional=each.optional,
            computed=each.computed,
            write_only=each.write_only,
        )
        for name, each in block.attributes.items()
    ]
    nested = [
        MESSAGES["NestedBlock"](
            type_name=name,
            block=_block(each.block),
            nesting=_NESTING[each.nesting],
            min_items=each.min_items,
            max_items=each.max_items,
        )
        for name, each in block.blocks.items()
    ]
    return MESSAGES["Block"](attributes=attributes, block_types=nested)
