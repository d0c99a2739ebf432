import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """A web site on this machine: ``pages`` by path; a page is its bytes, or the answers of the first requests."""

    def __init__(self):
        self.pages = {}
        self.asked = Counter()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answers = site.pages.get(self.path, [404])
                answer = answers[min(site.asked[self.path], len(answers) - 1)]
                site.asked[self.path] += 1
                if isinstance(answer, int):
                    self.send_error(answer)
                    return
                content, length = answer if isinstance(answer, tuple) else (answer, len(answer))
                self.send_response(200)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
