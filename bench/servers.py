"""The servers that are compared, each as it comes: default settings, access log on, to a file."""

import pathlib
import sys
import textwrap

from processes import Server, free_port

# The name under which Weir knows the registry behind it.
UPSTREAM = "upstream"


def weir(root, folder, upstream, within=(), host="127.0.0.1", port=None, config=None):
    """Weir with the store below `folder`, made if it is not there, in front of registries.

    upstream: the registry's URL, or the URLs of several by name
    config: more of the configuration, as YAML
    """
    folder.mkdir(exist_ok=True)
    port = port or free_port()
    command = [
        root / "target" / "weir" / "weir",
        "serve",
        "--listen", f"{host}:{port}",
        "--admin", f"127.0.0.1:{free_port()}",
        "--data", folder / "data",
    ]
    for name, url in (upstream if isinstance(upstream, dict) else {UPSTREAM: upstream}).items():
        command += ["--upstream", f"{name}={url}"]
    scheme = "http"
    if config is not None:
        (folder / "weir.yaml").write_text(config)
        command += ["--config", folder / "weir.yaml"]
        scheme = "https" if "tls:" in config else scheme
    return Server("weir", command, folder / "log", f"{scheme}://{host}:{port}/v2/", within)


def stored_by_weir(folder, blob):
    """The file in which Weir keeps a blob."""
    return folder / "data" / "blobs" / "sha256" / blob.hex


def docker_registry(
        folder, upstream=None, storage=None, within=(), host="127.0.0.1", port=None,
        name="docker-registry", program="docker-registry"):
    """docker-registry: with `upstream` a pull-through cache of it. Empty, unless `storage` is another's."""
    folder.mkdir()
    port = port or free_port()
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
    command = [program, "serve", folder / "config.yml"]
    return Server(name, command, folder / "log", f"http://{host}:{port}/v2/", within)


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


def distant(folder, server, delay_seconds, bits_per_second):
    """A server at the end of a long way: a proxy before it that delays round trips and limits each connection."""
    folder.mkdir()
    port = free_port()
    command = [
        sys.executable, "-B", pathlib.Path(__file__).with_name("distant.py"),
        f"127.0.0.1:{port}", server.url.split("/")[2], delay_seconds, bits_per_second]
    return Server("distant", command, folder / "log", f"http://127.0.0.1:{port}/v2/")
