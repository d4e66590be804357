"""Terraform's plugin protocol 5, as far as a provider without functions needs it: message classes by name.

Only what is on the wire counts, so enumerations stand as numbers and maps as repeated entries.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "bool": _Field.TYPE_BOOL,
    "int64": _Field.TYPE_INT64,
    "int32": _Field.TYPE_INT32,
}

# "number name type"; a type that ends in * is repeated.
_MESSAGES = {
    "Empty": "",
    "DynamicValue": "1 msgpack bytes, 2 json bytes",
    "Step": "1 attribute_name string, 2 element_key_string string, 3 element_key_int int64",
    "AttributePath": "1 steps Step*",
    "Diagnostic": "1 severity int32, 2 summary string, 3 detail string, 4 attribute AttributePath",
    "Diagnostics": "1 diagnostics Diagnostic*",
    "Attribute": "1 name string, 2 type bytes, 4 required bool, 5 optional bool, 6 computed bool, 10 write_only bool",
    "NestedBlock": "1 type_name string, 2 block Block, 3 nesting int32, 4 min_items int64, 5 max_items int64",
    "Block": "2 attributes Attribute*, 3 block_types NestedBlock*",
    "Schema": "1 version int64, 2 block Block",
    "SchemaEntry": "1 key string, 2 value Schema",
    "Schemas": "1 provider Schema, 2 resource SchemaEntry*, 3 data SchemaEntry*, 8 ephemeral SchemaEntry*",
    "PrepareRequest": "1 config DynamicValue",
    "PrepareResponse": "1 prepared_config DynamicValue, 2 diagnostics Diagnostic*",
    "ValidateRequest": "1 type_name string, 2 config DynamicValue",
    "RawState": "1 json bytes",
    "UpgradeRequest": "1 type_name string, 2 version int64, 3 raw_state RawState",
    "UpgradeResponse": "1 upgraded_state DynamicValue, 2 diagnostics Diagnostic*",
    "ConfigureRequest": "1 terraform_version string, 2 config DynamicValue",
    "ReadRequest": "1 type_name string, 2 current_state DynamicValue",
    "ReadResponse": "1 new_state DynamicValue, 2 diagnostics Diagnostic*",
    "PlanRequest": "1 type_name string, 2 prior_state DynamicValue, 3 proposed_new_state DynamicValue, "
    "4 config DynamicValue",
    "PlanResponse": "1 planned_state DynamicValue, 4 diagnostics Diagnostic*",
    "ApplyRequest": "1 type_name string, 2 prior_state DynamicValue, 3 planned_state DynamicValue",
    "ApplyResponse": "1 new_state DynamicValue, 3 diagnostics Diagnostic*",
    "ImportRequest": "1 type_name string, 2 id string",
    "Imported": "1 type_name string, 2 state DynamicValue",
    "ImportResponse": "1 imported_resources Imported*, 2 diagnostics Diagnostic*",
    "DataResponse": "1 state DynamicValue, 2 diagnostics Diagnostic*",
    "OpenResponse": "1 diagnostics Diagnostic*, 3 result DynamicValue",
    "StopResponse": "1 Error string",
}

METHODS = {
    "GetSchema": ("Empty", "Schemas"),
    "PrepareProviderConfig": ("PrepareRequest", "PrepareResponse"),
    "ValidateResourceTypeConfig": ("ValidateRequest", "Diagnostics"),
    "ValidateDataSourceConfig": ("ValidateRequest", "Diagnostics"),
    "ValidateEphemeralResourceConfig": ("ValidateRequest", "Diagnostics"),
    "UpgradeResourceState": ("UpgradeRequest", "UpgradeResponse"),
    "Configure": ("ConfigureRequest", "Diagnostics"),
    "ReadResource": ("ReadRequest", "ReadResponse"),
    "PlanResourceChange": ("PlanRequest", "PlanResponse"),
    "ApplyResourceChange": ("ApplyRequest", "ApplyResponse"),
    "ImportResourceState": ("ImportRequest", "ImportResponse"),
    "ReadDataSource": ("ValidateRequest", "DataResponse"),
    "OpenEphemeralResource": ("ValidateRequest", "OpenResponse"),
    "CloseEphemeralResource": ("Empty", "Diagnostics"),
    "Stop": ("Empty", "StopResponse"),
}


def _described() -> descriptor_pb2.FileDescriptorProto:
    described = descriptor_pb2.FileDescriptorProto(name="standin.proto", package="standin", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = described.message_type.add(name=name)
        for field in filter(None, fields.split(", ")):
            number, label, kind = field.split()
            many, kind = kind.endswith("*"), kind.removesuffix("*")
            added = message.field.add(name=label, number=int(number))
            added.label = _Field.LABEL_REPEATED if many else _Field.LABEL_OPTIONAL
            added.type = _SCALARS.get(kind, _Field.TYPE_MESSAGE)
            if kind not in _SCALARS:
                added.type_name = f".standin.{kind}"
    return described


def _classes() -> dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_described())
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"standin.{name}")) for name in _MESSAGES}


MESSAGES = _classes()
