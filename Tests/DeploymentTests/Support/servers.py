"""Servers that tests of the registry's client put before a real registry, on loopback and a port of their own.

  servers.py proxy PORT CUT   forwards to the registry at PORT; cuts the first CUT uploads in the middle
  servers.py token DIR        hands out tokens that a registry with DIR/cert.pem believes, to user:secret alone
  servers.py kubelet DIR      serves what containers logged, as a node's kubelet does, with DIR/server.pem

Each prints its port, and ends when its input does.
"""

import base64
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse


def listen():
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    return server


def proxy(port, cuts):
    left = [cuts]

    def pump(source, sink, is_upload):
        sent, cut_at = 0, None
        try:
            while data := source.recv(65536):
                if is_upload and cut_at is None and left[0] > 0 and b"PATCH " in data:
                    left[0] -= 1
                    cut_at = sent + 200_000
                sink.sendall(data)
                sent += len(data)
                if cut_at is not None and sent >= cut_at:
                    break
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    server = listen()
    while True:
        client, _ = server.accept()
        registry = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=pump, args=(client, registry, True), daemon=True).start()
        threading.Thread(target=pump, args=(registry, client, False), daemon=True).start()


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Tokens(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        expected = "Basic " + base64.b64encode(b"user:secret").decode()
        if self.headers.get("Authorization") != expected:
            self.send_response(401)
            self.end_headers()
            return
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        access = []
        for scope in query.get("scope", []):
            kind, name, actions = scope.split(":")
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        pem = open(os.path.join(self.server.folder, "cert.pem"), encoding="ascii").read()
        certificate = re.sub(r"-----[A-Z ]+-----|\s", "", pem)
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "x5c": [certificate]}
        body = {"iss": "tests", "sub": "user", "aud": query["service"][0], "exp": now + 300, "nbf": now - 10, "iat": now,
                "jti": "1", "access": access}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, body))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", os.path.join(self.server.folder, "key.pem")],
                                   input=signed.encode(), capture_output=True, check=True).stdout
        answer = json.dumps({"token": signed + "." + encoded(signature)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def tokens(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    server.folder = folder
    print(server.server_address[1], flush=True)
    server.serve_forever()


threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
class Kubelet(http.server.BaseHTTPRequestHandler):
    """GET /containerLogs/NAMESPACE/POD/CONTAINER, with the query that the API server passes on."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = urllib.parse.parse_qs(url.query)
        words = url.path.strip("/").split("/")
        if len(words) != 4 or words[0] != "containerLogs":
            self.send_error(404)
            return
        lines = [f"line {number} of {words[2]}\n" for number in range(1, 6)]
        if "tailLines" in query:
            lines = lines[-int(query["tailLines"][0]):]
        self.send_response(200)
        self.end_headers()
        for line in lines:
            self.wfile.write(line.encode())
        self.wfile.flush()
        if query.get("follow") == ["true"]:
            time.sleep(1)
            self.wfile.write(b"and one more\n")


def kubelet(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Kubelet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if sys.argv[1] == "proxy":
    proxy(int(sys.argv[2]), int(sys.argv[3]))
elif sys.argv[1] == "kubelet":
    kubelet(sys.argv[2])
else:
    tokens(sys.argv[2])
