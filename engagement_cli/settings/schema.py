"""JSON Schema of the configuration's language, for editors, from the models that validate it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from pydantic.json_schema import GenerateJsonSchema

from engagement_cli.settings.merge import SECTIONS
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, format_duration

Schema: TypeAlias = dict[str, Any]
_DEFINITIONS = "#/$defs/{model}"
_NULL: Schema = {"type": "null"}
_TALK = ("title", "description", "default", "examples")


class _Generator(GenerateJsonSchema):
    """Writes default values as a user would."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return format_duration(dft)
        return str(dft) if isinstance(dft, Grain) else super().encode_default(dft)


def json_schema(types: Mapping[str, type[MetricParameters]]) -> Schema:
    """The JSON Schema (draft 2020-12) of a configuration file.

    A metric with `type` has the keys of that type; one without extends an inherited entry and may have any of them.
    As an entry may extend an inherited one, nothing is required of entries of other sections; `null` removes.
    """
    schema = Settings.model_json_schema(by_alias=True, ref_template=_DEFINITIONS, schema_generator=_Generator)
    definitions: Schema = schema.pop("$defs")
    metrics: dict[str, Schema] = {}
    for name, model in types.items():
        parameters = model.model_json_schema(by_alias=True, ref_template=_DEFINITIONS, schema_generator=_Generator)
        definitions |= parameters.pop("$defs", {})
        metrics[name] = parameters
    properties = schema["properties"]
    for section in SECTIONS:
        _loosen(properties[section], definitions)
    _extendable(definitions["Score"])
    definitions.pop("MetricParameters")
    properties["metrics"] = {
        "type": "object",
        "description": "what is measured; each entry is a metric",
        "additionalProperties": {"anyOf": [_metric(metrics, definitions), _NULL]},
    }
    properties["extends"] = {
        "type": "string",
        "minLength": 1,
        "description": "a preset, a file, or none; without it, the preset `default`",
    }
    schema["properties"] = {
        name: found if name == "extends" else _nullable(found) for name, found in properties.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "engagement.yaml",
        "description": "What engagement measures, in the words of your own exports",
        "$defs": definitions,
    }


def _loosen(section: Schema, definitions: Schema) -> None:
    """Let the entries of a section be null, and their fields be null or missing."""
    reference = section.get("additionalProperties", section)
    if isinstance(reference, dict) and "$ref" in reference:
        model = definitions[reference["$ref"].rsplit("/", 1)[-1]]
        if reference is section:
            # The section is a model of its own: its fields are the entries.
            _extendable(model)
            for field in model["properties"].values():
                for option in field.get("anyOf", [field]):
                    _loosen(option, definitions)
        else:
            _extendable(model)
            section["additionalProperties"] = _nullable(reference)


def _extendable(model: Schema) -> None:
    model.pop("required", None)
    model["properties"] = {name: _nullable(field) for name, field in model["properties"].items()}


def _metric(types: Mapping[str, Schema], definitions: Schema) -> Schema:
    """One entry of `metrics`: by its type, or, without one, what any type knows."""
    for name, parameters in types.items():
        required = ["type", *(key for key in parameters.get("required", []) if key != "type")]
        fields = {key: _nullable(field) for key, field in parameters["properties"].items()}
        for key in required:
            fields[key] = parameters["properties"][key]
        fields["type"] = {"const": name}
        definitions[f"metric_{name}"] = {**parameters, "properties": fields, "required": required}
    known: dict[str, list[Schema]] = {}
    for parameters in types.values():
        for key, field in parameters["properties"].items():
            options = known.setdefault(key, [])
            if key != "type" and field not in options:
                options.append(field)
    extending = {key: {"anyOf": [*options, _NULL]} for key, options in known.items() if options}
    by_type: Iterable[Schema] = [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {"$ref": f"#/$defs/metric_{name}"},
        }
        for name in types
    ]
    return {
        "type": "object",
        "properties": {"type": {"enum": sorted(types)}},
        "allOf": [
            *by_type,
            {
                "if": {"not": {"required": ["type"]}},
                "then": {"type": "object", "properties": extending, "additionalProperties": False},
            },
        ],
    }


def _nullable(schema: Schema) -> Schema:
    if _NULL in schema.get("anyOf", []):
        return schema
    talk: Schema = {key: value for key, value in schema.items() if key in _TALK}
    rest: Schema = {key: value for key, value in schema.items() if key not in _TALK}
    return {"anyOf": [rest, _NULL], **talk}
