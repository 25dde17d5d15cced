"""A name in the handbook stands in Chinese and in English, and neither may be blank."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema, core_schema

from config.handbook.chapter import Chapter, Line
from config.text import Label

__all__ = ["Label", "Named", "WrittenLabel"]


class WrittenLabel(Chapter):
    """How a label is written in the file: `{ zh = "客服", en = "Customer service" }`."""

    zh: Line
    en: Line


def _as_written(value: Any) -> Any:
    return {"zh": value.zh, "en": value.en} if isinstance(value, Label) else value


def _as_label(written: WrittenLabel) -> Label:
    return Label(zh=written.zh, en=written.en)


def _schema(_source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    return core_schema.no_info_before_validator_function(
        _as_written,
        core_schema.no_info_after_validator_function(_as_label, handler.generate_schema(WrittenLabel)),
        serialization=core_schema.plain_serializer_function_ser_schema(_as_written),
    )


Named = Annotated[Label, GetPydanticSchema(_schema)]
"""A field that holds a `Label`, checked as a `WrittenLabel` is."""
