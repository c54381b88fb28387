"""What each address needs: a route that is not in this table is closed to everybody in a team."""

from __future__ import annotations

from starlette.routing import compile_path

from studio.roles import Permission

_API = "/api/v1"
_BELOW_API: dict[Permission, str] = {
    "read": """
        GET /me
        DELETE /session
        POST /tickets
        GET /tokens
        POST /tokens
        DELETE /tokens/{token_id}
        GET /components
        GET /components/{name}
        GET /pipelines
        GET /pipelines/schema
        POST /pipelines/validate
        GET /pipelines/{pipeline_id}
        GET /pipelines/{pipeline_id}/draft
        GET /pipelines/{pipeline_id}/versions
        GET /pipelines/{pipeline_id}/versions/{version}
        GET /pipelines/{pipeline_id}/diff
        GET /pipelines/{pipeline_id}/export
        POST /pipelines/{pipeline_id}/plan
        POST /schemas
        GET /templates
        POST /plan
        GET /runs
        GET /runs/compare
        GET /runs/{run_id}
        GET /runs/{run_id}/events
        GET /runs/{run_id}/steps
        GET /runs/{run_id}/steps/{node_id}
        GET /runs/{run_id}/steps/{node_id}/log
        GET /events
        GET /sandbox
        GET /artifacts/{digest}
        GET /artifacts/{digest}/preview
        GET /artifacts/{digest}/rows
        GET /artifacts/{digest}/lineage
        GET /artifacts/{digest}/statistics
        GET /artifacts/{digest}/download
        GET /datasets
        GET /datasets/{name}
        GET /datasets/{name}/rows
        GET /datasets/{name}/statistics
        GET /packages
        GET /packages/{name}
        GET /packages/{name}/versions/{version}
        GET /packages/{name}/versions/{version}/source
        GET /packages/{name}/versions/{version}/diff
        GET /packages/{name}/versions/{version}/where-used
        GET /packages/{name}/versions/{version}/export
        GET /code
        GET /code/{digest}
    """,
    "edit": """
        POST /pipelines
        PUT /pipelines/{pipeline_id}
        DELETE /pipelines/{pipeline_id}
        PUT /pipelines/{pipeline_id}/draft
        POST /pipelines/{pipeline_id}/versions
        POST /pipelines/{pipeline_id}/restore
        POST /pipelines/{pipeline_id}/copy
        POST /templates/{name}
        POST /packages/update
        PUT /datasets/{name}
    """,
    "run": """
        POST /pipelines/{pipeline_id}/runs
        POST /runs
        POST /runs/{run_id}/cancel
        POST /runs/{run_id}/resume
        PUT /runs/{run_id}/pin
        GET /secrets
    """,
    "code": """
        POST /packages
        POST /packages/read
        PUT /packages/{name}/versions/{version}
        DELETE /packages/{name}
        DELETE /packages/{name}/versions/{version}
        POST /packages/{name}/deprecate
        POST /packages/{name}/versions/{version}/repair
        POST /packages/{name}/versions/{version}/check
    """,
    "approve": """
        POST /packages/{name}/versions/{version}/approve
        POST /packages/{name}/versions/{version}/revoke
        POST /code/{digest}/approve
        POST /code/{digest}/revoke
    """,
    "secrets": """
        PUT /secrets/{name}
        DELETE /secrets/{name}
    """,
    "admin": """
        GET /accounts
        POST /accounts
        PUT /accounts/{account}
        DELETE /accounts/{account}
        POST /accounts/{account}/invite
        GET /audit
        POST /gc
    """,
}
_PAGES = ("GET /", "GET /assets/{name}", "GET /openapi.json", "HEAD /openapi.json")

_READ: Permission = "read"
ROUTES: dict[str, Permission] = dict.fromkeys(_PAGES, _READ) | {
    route.replace(" ", f" {_API}"): permission
    for permission, lines in _BELOW_API.items()
    for line in lines.strip().splitlines()
    if (route := line.strip())
}
_PATTERNS = [
    (method, compile_path(path)[0], permission)
    for route, permission in ROUTES.items()
    for method, _, path in [route.partition(" ")]
]


def needed_permissions(method: str, path: str) -> frozenset[Permission]:
    """What a request needs: the permissions of every route that its address may be.

    An address that fits two routes needs both, so that it matters to nobody which of them is
    taken. Empty: there is no such route.
    """
    return frozenset(
        permission
        for verb, pattern, permission in _PATTERNS
        if verb == method and pattern.match(path)
    )
