"""The OpenAPI document, from which clients get their types."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from studio.server.problems import MEDIA_TYPE, ProblemDetails

REFUSALS: dict[int | str, dict[str, Any]] = {
    "default": {"model": ProblemDetails, "description": "Refused or failed; says why."}
}


class StudioApp(FastAPI):
    """FastAPI, with refusals described under the media type that they have."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            for path in document["paths"].values():
                for operation in path.values():
                    _describe_refusals(operation["responses"])
        return self.openapi_schema or {}


def _describe_refusals(responses: dict[str, Any]) -> None:
    content = responses.get("default", {}).get("content", {})
    for media_type in list(content):
        content[MEDIA_TYPE] = content.pop(media_type)


def operation_id(route: APIRoute) -> str:
    """The function's name: `list_runs` becomes a method of that name in a client."""
    return route.name
