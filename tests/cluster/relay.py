"""A way to a server of this machine that can be cut: whatever goes over it at that moment ends in the middle."""
import select
import socket
import socketserver
import threading


class Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port, host='127.0.0.1', at=('127.0.0.1', 0)):
        self.target, self.open, self.taken = (host, port), set(), 0
        super().__init__(at, Passage)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def cut(self):
        """Ends every connection."""
        for one in list(self.open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it ended by itself

    def cut_each(self, seconds, over):
        """From now on, until the event `over`."""
        def work():
            while not over.wait(seconds):
                self.cut()
        threading.Thread(target=work, daemon=True).start()

    def end(self):
        self.shutdown()
        self.cut()
        self.server_close()


class Passage(socketserver.BaseRequestHandler):
    def handle(self):
        relay = self.server
        relay.taken += 1
        with socket.create_connection(relay.target) as there:
            ends = {self.request: there, there: self.request}
            relay.open.update(ends)
            try:
                while self.pass_on(ends):
                    pass
            except OSError:
                pass  # cut
            finally:
                relay.open.difference_update(ends)

    @staticmethod
    def pass_on(ends):
        for one in select.select(list(ends), [], [])[0]:
            octets = one.recv(65536)
            if not octets:
                return False
            ends[one].sendall(octets)
        return True
