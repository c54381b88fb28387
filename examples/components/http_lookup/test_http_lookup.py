"""HTTP lookup: each value once, named hosts only, no redirects."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import http_lookup as module
import pandas as pd
import pytest

asked = []


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        value = parse_qs(urlsplit(self.path).query)["q"][0]
        asked.append(value)
        self.send_response(302 if value == "away" else 200)
        self.send_header("Location", "http://example.com/")
        self.end_headers()
        self.wfile.write(json.dumps({"name": value.upper()}).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def url(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(module, "HOSTS", ["127.0.0.1"])
    asked.clear()
    yield f"http://127.0.0.1:{server.server_port}/?q={{value}}"
    server.shutdown()


def test_each_value_is_asked_once(url):
    table = pd.DataFrame({"category": ["a b", "c", "a b", None]})
    result = module.http_lookup(table, url=url)["category_name"]
    assert result.tolist()[:3] == ["A B", "C", "A B"]
    assert result.isna().tolist() == [False, False, False, True]
    assert sorted(asked) == ["a b", "c"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1.example.com", "[::1]"])
def test_another_host_is_not_asked(url, host):
    with pytest.raises(Exception, match="not one of the hosts"):
        module.http_lookup(pd.DataFrame({"category": ["a"]}), url=f"http://{host}/?q={{value}}")
    assert asked == []


def test_a_redirect_is_not_followed(url):
    with pytest.raises(Exception, match="gave no answer"):
        module.http_lookup(pd.DataFrame({"category": ["away"]}), url=url)
