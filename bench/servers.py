"""The servers that are compared, each as it comes: default settings, access log on, to a file."""

import pathlib
import sys
import textwrap

from processes import Server, free_port

# The name under which Weir knows the registry behind it.
UPSTREAM = "upstream"


def weir(
        root, folder, upstream, within=(), host="127.0.0.1", port=None, config=None, name="weir", arguments=()):
    """Weir with the store below `folder`, made if it is not there, in front of registries.

    upstream: the registry's URL, or the URLs of several by name
    config: more of the configuration, as YAML
    arguments: further ones of `weir serve`
    """
    folder.mkdir(exist_ok=True)
    port = port or free_port()
    command = [
        root / "target" / "weir" / "weir",
        "serve",
        "--listen", f"{host}:{port}",
        "--admin", f"127.0.0.1:{free_port()}",
        "--data", folder / "data",
        *arguments,
    ]
    for registry, url in (upstream if isinstance(upstream, dict) else {UPSTREAM: upstream}).items():
        command += ["--upstream", f"{registry}={url}"]
    scheme = "http"
    if config is not None:
        (folder / "weir.yaml").write_text(config)
        command += ["--config", folder / "weir.yaml"]
        scheme = "https" if "tls:" in config else scheme
    return Server(name, command, folder / "log", f"{scheme}://{host}:{port}/v2/", within)


def stored_by_weir(folder, blob):
    """The file in which Weir keeps a blob."""
    return folder / "data" / "blobs" / "sha256" / blob.hex


def docker_registry(
        folder, upstream=None, storage=None, within=(), host="127.0.0.1", port=None,
        name="docker-registry", program="docker-registry"):
    """docker-registry: with `upstream` a pull-through cache of it. Empty, unless `storage` is another's."""
    folder.mkdir(exist_ok=True)
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


def distribution(folder, program, upstream, within=()):
    """What docker-registry has become: distribution 3, with the same configuration."""
    return docker_registry(folder, upstream, within=within, name="distribution", program=program)


def stored_by_docker_registry(folder, blob):
    """The file in which docker-registry keeps a blob."""
    blobs = folder / "storage" / "docker" / "registry" / "v2" / "blobs" / "sha256"
    return blobs / blob.hex[:2] / blob.hex / "data"


def nginx(folder, locations, tls=None):
    """nginx that serves files: `locations` gives the file and the media type of each path.

    tls: a pair of a certificate and the ciphers, see `_nginx`
    """
    served = "\n".join(
        f'location = {path} {{ alias "{file}"; types {{ }} default_type {media_type}; }}'
        for path, (file, media_type) in locations.items())
    return _nginx("nginx", folder, "", f"location = / {{ return 200; }}\n{served}", tls=tls)


def nginx_cache(folder, upstream, within=()):
    """nginx as a cache of a registry: one download of what is not stored, for which all others wait."""
    cache = f'proxy_cache_path "{folder}/cache" levels=1:2 keys_zone=cache:10m inactive=1h use_temp_path=off;'
    # The others wait as long as it takes: by default they ask upstream themselves after 5 seconds.
    proxied = f"""
        location / {{
            proxy_pass {upstream};
            proxy_cache cache;
            proxy_cache_valid 200 1h;
            proxy_cache_lock on;
            proxy_cache_lock_timeout 1h;
            proxy_cache_lock_age 1h;
        }}
        """
    return _nginx("nginx-cache", folder, cache, proxied, within)


def _nginx(name, folder, http_lines, server_lines, within=(), tls=None):
    """nginx with its access log on. tls: the certificate, and the names of the ciphers in TLS 1.3 and before it."""
    folder.mkdir()
    port = free_port()
    listen = f"listen 127.0.0.1:{port};"
    if tls is not None:
        certificate, cipher = tls
        listen = f"""listen 127.0.0.1:{port} ssl;
                ssl_certificate "{certificate.chain}";
                ssl_certificate_key "{certificate.key}";
                ssl_protocols TLSv1.3;
                ssl_conf_command Ciphersuites {cipher};"""
    temporary = "\n".join(
        f'{kind}_temp_path "{folder / kind}";'
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(textwrap.dedent("""\
        user root;
        daemon off;
        worker_processes auto;
        pid "%s";
        events { worker_connections 4096; }
        http {
            sendfile on;
            tcp_nopush on;
            keepalive_requests 100000000;
            access_log "%s" combined;
            %s
            %s
            server {
                %s
                %s
            }
        }
        """) % (folder / "pid", folder / "log", temporary, http_lines, listen, server_lines))
    command = ["nginx", "-p", folder, "-e", folder / "log", "-c", folder / "nginx.conf"]
    scheme = "https" if tls else "http"
    return Server(name, command, folder / "log", f"{scheme}://127.0.0.1:{port}/", within)


def distant(folder, server, delay_seconds, bits_per_second):
    """A server at the end of a long way: a proxy before it that delays round trips and limits each connection."""
    folder.mkdir()
    port = free_port()
    command = [
        sys.executable, "-B", pathlib.Path(__file__).with_name("distant.py"),
        f"127.0.0.1:{port}", server.url.split("/")[2], delay_seconds, bits_per_second]
    return Server("distant", command, folder / "log", f"http://127.0.0.1:{port}/v2/")
