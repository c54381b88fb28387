"""The server's reader, in killable children: specs, schemas, previews, rows and statistics."""

from studio.inspector.client import Inspector
from studio.inspector.inference import Inference, Inferred, TableSchema
from studio.inspector.sources import SourceReader

__all__ = ["Inference", "Inferred", "Inspector", "SourceReader", "TableSchema"]
