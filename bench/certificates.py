"""A certificate for the servers of a scenario, made by openssl."""

import socket
import ssl
import subprocess

from processes import BenchError


class Certificate:
    """A certificate for 127.0.0.1, that nobody has signed but itself, with a key as they are usual (P-256)."""

    def __init__(self, folder):
        folder.mkdir()
        self.chain = folder / "cert.pem"
        self.key = folder / "key.pem"
        done = subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", self.key, "-out", self.chain],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"openssl made no certificate: {done.stderr.strip()[-300:]}")


def cipher_of(server):
    """The cipher and the protocol that a server agrees on with this Python."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    host, port = server.url.split("/")[2].split(":")
    with socket.create_connection((host, int(port))) as connection:
        with context.wrap_socket(connection) as secured:
            return secured.cipher()[0], secured.version()
