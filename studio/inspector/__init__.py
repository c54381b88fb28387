"""The server's reader: specs of components and previews of artifacts, in killable children."""

from studio.inspector.client import Inspector
from studio.inspector.sources import SourceReader

__all__ = ["Inspector", "SourceReader"]
