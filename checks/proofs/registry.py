"""A registry on the loopback interface that serves images made on the spot, for one architecture each or as a list of several."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

Descriptor = dict[str, object]


class Registry:
    """Answers what `podman pull` asks: manifests by tag and digest, and blobs."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[str, bytes]] = {}
        documents = self.documents

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, content = documents.get(self.path.rsplit("/", 1)[-1], ("application/json", b"{}"))
                missing = self.path != "/v2/" and self.path.rsplit("/", 1)[-1] not in documents
                self.send_response(404 if missing else 200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"localhost:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def image(self, architecture: str, files: dict[str, bytes]) -> Descriptor:
        """Stores an image of one layer and returns what a list of images says of it."""
        tar = layer(files)
        config = {
            "architecture": architecture,
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [digest(tar)]},
            "config": {},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._store(CONFIG, json.dumps(config).encode()),
            "layers": [self._store(LAYER, gzip.compress(tar, 1, mtime=0))],
        }
        stored = self._store(MANIFEST, json.dumps(manifest).encode())
        return stored | {"platform": {"architecture": architecture, "os": "linux"}}

    def tag(self, name: str, images: list[Descriptor]) -> None:
        """Gives a list of images a tag."""
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images}
        content = json.dumps(index).encode()
        self._store(INDEX, content)
        self.documents[name] = INDEX, content

    def _store(self, kind: str, content: bytes) -> Descriptor:
        self.documents[digest(content)] = kind, content
        return {"mediaType": kind, "digest": digest(content), "size": len(content)}


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def layer(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
