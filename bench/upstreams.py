"""What is pulled from: a registry that is filled once, and then served wherever a scenario wants it."""

import os
import re

import images
import servers


class Storage:
    """The folder of a docker-registry that has all that is pulled."""

    def __init__(self, bench):
        self._folder = bench.folder()
        self.path = self._folder / "storage"
        self._server = servers.docker_registry(self._folder)

    def __enter__(self):
        """Runs the registry, to be filled."""
        self._server.await_answer()
        return self

    def __exit__(self, *_):
        self._server.close()
        os.sync()

    def push(self, size, repository=images.REPOSITORY, make=images.random_blob):
        """Uploads a blob of random bytes."""
        return self.push_shared(size, [repository], make)

    def push_shared(self, size, repositories, make=images.tar_layer):
        """Uploads a blob of random bytes that several repositories have."""
        scratch = self._folder / "scratch"
        content = make(scratch, size)
        for repository in repositories:
            images.push_blob(self._server.url, content, repository)
        scratch.unlink()
        return content

    def push_runnable(self, tag, sizes, repository=images.REPOSITORY):
        """Uploads an image with layers of these sizes; returns all its bytes."""
        layers = [self.push(size, repository, images.tar_layer) for size in sizes]
        return self.push_image_of(tag, layers, repository)

    def push_image_of(self, tag, layers, repository=images.REPOSITORY):
        """Uploads an image of layers that are in the repository; returns all its bytes."""
        return images.push_runnable(self._server.url, self._folder, tag, layers, repository)


_GET = re.compile(rb'"GET /v2/\S+/(?:blobs|manifests)/\S+ HTTP/1\.\d" \d+ (\d+)')


def sent_bytes(log):
    """The bytes of bodies that a docker-registry has sent, as its access log has them: also what was cut short."""
    with open(log, "rb") as file:
        return sum(int(found.group(1)) for found in map(_GET.search, file) if found)
