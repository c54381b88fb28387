"""Tests of the REST server, through a real uvicorn on loopback."""
