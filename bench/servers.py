"""The servers that are compared, each as it comes: default settings, access log on, to a file."""

import textwrap

from processes import Server, free_port

# The name under which Weir knows the registry behind it.
UPSTREAM = "upstream"


def weir(root, folder, upstream, within=(), host="127.0.0.1"):
    """Weir with an empty store in front of the registry at `upstream`."""
    folder.mkdir()
    port = free_port()
    command = [
        root / "target" / "weir" / "weir",
        "serve",
        "--listen", f"{host}:{port}",
        "--admin", f"{host}:{free_port()}",
        "--data", folder / "data",
        "--upstream", f"{UPSTREAM}={upstream}",
    ]
    return Server("weir", command, folder / "log", f"http://{host}:{port}/v2/", within)


def stored_by_weir(folder, blob):
    """The file in which Weir keeps a blob."""
    return folder / "data" / "blobs" / "sha256" / blob.hex


def docker_registry(folder, upstream=None, storage=None, within=(), host="127.0.0.1"):
    """docker-registry: with `upstream` a pull-through cache of it. Empty, unless `storage` is another's."""
    folder.mkdir()
    port = free_port()
    config = textwrap.dedent(f"""\
        version: 0.1
        storage:
          cache: {{blobdescriptor: inmemory}}
          filesystem: {{rootdirectory: "{storage or folder / 'storage'}"}}
        http:
          addr: "{host}:{port}"
          secret: benchmark
        """)
    if upstream is not None:
        config += f'proxy: {{remoteurl: "{upstream}"}}\n'
    (folder / "config.yml").write_text(config)
    command = ["docker-registry", "serve", folder / "config.yml"]
    return Server("docker-registry", command, folder / "log", f"http://{host}:{port}/v2/", within)


def stored_by_docker_registry(folder, blob):
    """The file in which docker-registry keeps a blob."""
    blobs = folder / "storage" / "docker" / "registry" / "v2" / "blobs" / "sha256"
    return blobs / blob.hex[:2] / blob.hex / "data"


def nginx(folder, locations):
    """nginx that serves files: `locations` gives the file and the media type of each path."""
    folder.mkdir()
    port = free_port()
    served = "\n".join(
        f'location = {path} {{ alias "{file}"; types {{ }} default_type {media_type}; }}'
        for path, (file, media_type) in locations.items())
    temporary = "\n".join(
        f'{kind}_temp_path "{folder / kind}";'
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(textwrap.dedent("""\
        user root;
        daemon off;
        worker_processes auto;
        pid "%s";
        events { worker_connections 1024; }
        http {
            sendfile on;
            tcp_nopush on;
            keepalive_requests 100000000;
            access_log "%s" combined;
            %s
            server {
                listen 127.0.0.1:%d;
                location = / { return 200; }
                %s
            }
        }
        """) % (folder / "pid", folder / "log", temporary, port, served))
    command = ["nginx", "-p", folder, "-e", folder / "log", "-c", folder / "nginx.conf"]
    return Server("nginx", command, folder / "log", f"http://127.0.0.1:{port}/", ())
