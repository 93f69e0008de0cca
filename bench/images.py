"""What is pulled: random blobs, and an image like many others."""

import hashlib
import http.client
import json
import os
import urllib.parse

CHUNK_BYTES = 1 << 20

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

REPOSITORY = "library/bench"


class Blob:
    """A file and the digest of its content."""

    def __init__(self, path, size, hex_digest):
        self.path = path
        self.size = size
        self.hex = hex_digest

    @property
    def digest(self):
        return "sha256:" + self.hex


def random_blob(path, size):
    """Random bytes, which nothing on the way can make smaller."""
    hashed = hashlib.sha256()
    with open(path, "wb") as file:
        for begin in range(0, size, CHUNK_BYTES):
            chunk = os.urandom(min(CHUNK_BYTES, size - begin))
            hashed.update(chunk)
            file.write(chunk)
    return Blob(path, size, hashed.hexdigest())


def _request(registry, method, path, body=None, headers=None):
    url = urllib.parse.urlsplit(registry)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise OSError(f"{method} {path} was answered {answer.status}")
        return answer
    finally:
        connection.close()


def push_blob(registry, blob):
    """Uploads a blob to the registry, in one piece."""
    begun = _request(registry, "POST", f"/v2/{REPOSITORY}/blobs/uploads/", b"")
    place = urllib.parse.urlsplit(begun.getheader("Location"))
    query = f"{place.query}&" if place.query else ""
    headers = {"Content-Length": str(blob.size), "Content-Type": "application/octet-stream"}
    with open(blob.path, "rb") as file:
        _request(
            registry,
            "PUT",
            f"{place.path}?{query}digest={urllib.parse.quote(blob.digest)}",
            file,
            headers,
        )


def push_image(registry, folder, tag, layers=12):
    """Uploads an image of small layers; returns its manifest, which is as long as usual."""
    config = random_blob(folder / "config", 4096)
    push_blob(registry, config)
    descriptors = []
    for _ in range(layers):
        layer = random_blob(folder / "layer", 16384)
        push_blob(registry, layer)
        descriptors.append({"mediaType": LAYER, "digest": layer.digest, "size": layer.size})
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": config.digest, "size": config.size},
        "layers": descriptors,
    }
    content = json.dumps(manifest, indent=2).encode()
    _request(registry, "PUT", f"/v2/{REPOSITORY}/manifests/{tag}", content, {"Content-Type": MANIFEST})
    return content
