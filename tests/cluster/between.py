"""A server between the API server and Signet: it passes every review on, unless the script has an answer of its own."""
import http.client
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from registry import make_server_certificate


class Between(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder, serve):
        self.serve, self.script, self.calls = serve, [], 0
        self.ca, certificate, key = make_server_certificate(folder, 'between')
        super().__init__(('127.0.0.1', 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A connection that the script broke is no news."""

    def end(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.server.calls += 1
        body = self.rfile.read(int(self.headers['Content-Length']))
        step = self.server.script.pop(0) if self.server.script else pass_on
        step(self, body)

    def answer(self, status, body=b'', **fields):
        self.send_response(status)
        for name, value in {'Content-Type': 'application/json', **fields}.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# ---- what a script is made of

def pass_on(handler, body):
    serve = handler.server.serve
    context = ssl.create_default_context(cafile=str(serve.ca))
    there = http.client.HTTPSConnection('127.0.0.1', serve.ports['address'], context=context, timeout=30)
    there.request('POST', handler.path, body, {'Content-Type': 'application/json'})
    reply = there.getresponse()
    handler.answer(reply.status, reply.read())
    there.close()


def says(status, body=b'', **fields):
    return lambda handler, _: handler.answer(status, body, **fields)


def raw(octets):
    """These octets and the end of the connection."""
    def work(handler, _):
        handler.wfile.write(octets)
        handler.close_connection = True
    return work


def breaks(handler, _):
    """The end of the connection instead of an answer."""
    handler.close_connection = True
    handler.connection.close()


def after(seconds, step):
    def work(handler, body):
        time.sleep(seconds)
        step(handler, body)
    return work
