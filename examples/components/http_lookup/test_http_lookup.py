"""HTTP lookup: each value is asked once, and an error is told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from http_lookup import http_lookup

asked = []


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        value = parse_qs(urlsplit(self.path).query)["q"][0]
        asked.append(value)
        self.send_response(500 if value == "broken" else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"name": value.upper()}).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asked.clear()
    yield f"http://127.0.0.1:{server.server_port}/?q={{value}}"
    server.shutdown()


def test_each_value_is_asked_once(url):
    table = pd.DataFrame({"category": ["a b", "c", "a b", None]})
    result = http_lookup(table, url=url)["category_name"]
    assert result.tolist()[:3] == ["A B", "C", "A B"]
    assert result.isna().tolist() == [False, False, False, True]
    assert sorted(asked) == ["a b", "c"]


@pytest.mark.parametrize("table", [pd.DataFrame({"category": ["broken"]}), pd.DataFrame()])
def test_what_is_wrong_is_told(url, table):
    with pytest.raises(Exception, match=r"HTTP Error 500|no column"):
        http_lookup(table, url=url)
