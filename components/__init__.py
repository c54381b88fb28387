"""The built-in component packages, loaded by path like an upload."""
