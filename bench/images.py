"""What is pulled: random blobs, and an image like many others."""

import hashlib
import http.client
import json
import os
import platform
import tarfile
import urllib.parse

CHUNK_BYTES = 1 << 20

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
PLAIN_LAYER = "application/vnd.oci.image.layer.v1.tar"

REPOSITORY = "library/bench"

# As Go names it.
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


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


def push_blob(registry, blob, repository=REPOSITORY):
    """Uploads a blob to the registry, in one piece."""
    begun = _request(registry, "POST", f"/v2/{repository}/blobs/uploads/", b"")
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


def push_manifest(registry, tag, config, layers, media_type=LAYER, repository=REPOSITORY):
    """Uploads the manifest of an image whose blobs are there; returns its content."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": config.digest, "size": config.size},
        "layers": [{"mediaType": media_type, "digest": layer.digest, "size": layer.size} for layer in layers],
    }
    content = json.dumps(manifest, indent=2).encode()
    path = f"/v2/{repository}/manifests/{tag}"
    _request(registry, "PUT", path, content, {"Content-Type": MANIFEST})
    return content


def push_image(registry, folder, tag, layers=12):
    """Uploads an image of small layers; returns its manifest, which is as long as usual."""
    config = random_blob(folder / "config", 4096)
    push_blob(registry, config)
    pushed = []
    for _ in range(layers):
        layer = random_blob(folder / "layer", 16384)
        push_blob(registry, layer)
        pushed.append(layer)
    return push_manifest(registry, tag, config, pushed)


def tar_layer(path, size):
    """A layer that can be unpacked: a tar with one file of random bytes, about `size` in all."""
    hashed = hashlib.sha256()
    content = max(1, size - 10240)
    with open(path, "wb") as file:

        def write(chunk):
            hashed.update(chunk)
            file.write(chunk)

        header = tarfile.TarInfo(f"content-{os.urandom(8).hex()}")
        header.size = content
        write(header.tobuf())
        for begin in range(0, content, CHUNK_BYTES):
            write(os.urandom(min(CHUNK_BYTES, content - begin)))
        write(bytes(-content % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE))
    return Blob(path, path.stat().st_size, hashed.hexdigest())


def push_runnable(registry, folder, tag, layers, repository=REPOSITORY):
    """Uploads an image that runtimes take, of layers that are there; returns all its bytes."""
    document = {
        "architecture": ARCHITECTURE,
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
    }
    content = json.dumps(document).encode()
    path = folder / "config"
    path.write_bytes(content)
    config = Blob(path, len(content), hashlib.sha256(content).hexdigest())
    push_blob(registry, config, repository)
    manifest = push_manifest(registry, tag, config, layers, PLAIN_LAYER, repository)
    return len(manifest) + config.size + sum(layer.size for layer in layers)
