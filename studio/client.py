"""The REST interface from Python: what the command line uses, and programs may."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from studio.errors import Problem, StudioError, UnavailableError
from studio.selection import RunMode
from studio.settings import Settings

Json = dict[str, Any]

# A stream says something every 15 s; a server that was lost is back in a few.
_GIVE_UP_SECONDS = 90.0


class RemoteError(StudioError):
    """The studio's own answer to a request that it refused."""

    def __init__(self, document: Json, status: int) -> None:
        super().__init__(str(document.get("detail") or document.get("title") or f"HTTP {status}"))
        self.status = status
        known = Problem.__dataclass_fields__
        self._problems = tuple(
            Problem(**{key: value for key, value in item.items() if key in known})
            for item in document.get("errors", [])
        )

    def problems(self) -> tuple[Problem, ...]:
        return self._problems or super().problems()


class Client:
    """A studio at an address. Raises RemoteError with the problems that the studio found."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"}
        timeout = httpx.Timeout(30.0, read=60.0)
        self._http = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=timeout)

    def start_run(
        self,
        pipeline: Json,
        parameters: Mapping[str, Any],
        folder: str | None = None,
        *,
        mode: RunMode = "EXECUTE_ALL",
        targets: Sequence[str] = (),
        fresh: bool = False,
    ) -> Json:
        """Store a pipeline and queue a run of it. mode, targets: of which nodes."""
        body = _run_body(pipeline, parameters, folder, mode, targets, fresh)
        return self._request("POST", "/runs", json=body)

    def plan(
        self,
        pipeline: Json,
        parameters: Mapping[str, Any],
        folder: str | None = None,
        *,
        mode: RunMode = "EXECUTE_ALL",
        targets: Sequence[str] = (),
        fresh: bool = False,
    ) -> Json:
        """What such a run would do, node by node, and why."""
        body = _run_body(pipeline, parameters, folder, mode, targets, fresh)
        return self._request("POST", "/plan", json=body)

    def resume_run(self, id: str) -> Json:
        """A new run that keeps what has succeeded in a run that ended early."""
        return self._request("POST", f"/runs/{id}/resume")

    def get_run(self, id: str) -> Json:
        return self._request("GET", f"/runs/{id}")

    def cancel_run(self, id: str) -> Json:
        return self._request("POST", f"/runs/{id}/cancel")

    def validate(self, pipeline: Json) -> Json:
        return self._request("POST", "/pipelines/validate", json=pipeline)

    def components(self) -> Json:
        return self._request("GET", "/components")

    def upload_package(
        self, content: bytes, filename: str, name: str | None = None, note: str = ""
    ) -> Json:
        """Bring a package: the bytes of a zip or of a .py file. Gives its version."""
        kind = "text/x-python" if filename.endswith(".py") else "application/zip"
        given = {"filename": filename, "note": note} | ({"name": name} if name else {})
        headers = {"Content-Type": kind}
        return self._request("POST", "/packages", content=content, params=given, headers=headers)

    def approve_package(self, name: str, version: int) -> Json:
        """Let the code of a version run."""
        return self._request("POST", f"/packages/{name}/versions/{version}/approve")

    def get(self, path: str) -> Json:
        """The answer to a GET below `/api/v1`."""
        return self._request("GET", path)

    def add_pipeline(self, document: Json, note: str = "") -> Json:
        """Store a new pipeline; gives its first version."""
        return self._request("POST", "/pipelines", json=document, params={"note": note})

    def read_log(self, run: str, node: str, offset: int = 0) -> bytes:
        """What a step has printed from a byte on; empty: nothing more for now."""
        try:
            path = f"/runs/{run}/steps/{node}/log"
            response = self._http.get(path, params={"offset": offset})
        except httpx.TransportError as error:
            raise self._no_answer(error) from None
        if response.is_error:
            raise _remote_error(response)
        return response.content

    def download(self, digest: str) -> dict[str, bytes]:
        """The files of an artifact, by name."""
        try:
            response = self._http.get(f"/artifacts/{digest}/download")
        except httpx.TransportError as error:
            raise self._no_answer(error) from None
        if response.is_error:
            raise _remote_error(response)
        if response.headers["content-type"].startswith("application/zip"):
            with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
                return {name: archive.read(name) for name in archive.namelist()}
        ending = response.headers["content-disposition"].rpartition(".")[2].strip('"')
        kind = response.headers["content-disposition"].partition('filename="')[2].split("-")[0]
        return {f"{kind}.{ending}": response.content}

    def ticket_address(self) -> str:
        """A one-time address that signs a browser in."""
        ticket = self._request("POST", "/tickets")["ticket"]
        return f"{self.url}/login?ticket={ticket}"

    def events(self, run_id: str) -> Iterator[Json]:
        """What happens in a run, from its beginning, until it is over.

        Goes on where it was after a broken line, and while the server is started again.
        """
        last, heard_at = 0, time.monotonic()
        while True:
            try:
                for event in self._stream(f"/runs/{run_id}/events", last):
                    last, heard_at = event["id"], time.monotonic()
                    yield event
                return
            except httpx.TransportError as error:
                if time.monotonic() - heard_at > _GIVE_UP_SECONDS:
                    raise self._no_answer(error) from None
                time.sleep(0.2)

    def _stream(self, path: str, after: int) -> Iterator[Json]:
        headers = {"Last-Event-ID": str(after)} if after else {}
        with self._http.stream("GET", path, headers=headers) as response:
            if response.status_code == 204:  # all was seen before the line broke
                return
            if response.status_code != 200:
                response.read()
                raise _remote_error(response)
            for line in response.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[len("data:") :])

    def _no_answer(self, error: Exception) -> UnavailableError:
        message = f"The studio at {self.url} does not answer: {error}."
        return UnavailableError(message, hint="Is it running?")

    def _request(self, method: str, path: str, **options: Any) -> Json:
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise self._no_answer(error) from None
        if response.is_error:
            raise _remote_error(response)
        document: Json = response.json()
        return document


def _run_body(
    pipeline: Json,
    parameters: Mapping[str, Any],
    folder: str | None,
    mode: RunMode,
    targets: Sequence[str],
    fresh: bool,
) -> Json:
    return {
        "pipeline": pipeline,
        "parameters": dict(parameters),
        "folder": folder,
        "mode": mode,
        "targets": list(targets),
        "fresh": fresh,
    }


def _remote_error(response: httpx.Response) -> RemoteError:
    try:
        return RemoteError(response.json(), response.status_code)
    except ValueError:
        return RemoteError({}, response.status_code)


def find_studio(settings: Settings) -> Client | None:
    """The studio of the settings' address, else the one running on this data folder, if any."""
    if settings.url:
        return Client(settings.url, settings.access_token)
    try:
        address = json.loads(settings.address_file.read_bytes())
        token = settings.token_file.read_text().strip()
        if httpx.get(f"{address['url']}/healthz", timeout=2.0).status_code == 200:
            return Client(address["url"], token)
    except (OSError, ValueError, KeyError, httpx.TransportError):
        pass
    return None
