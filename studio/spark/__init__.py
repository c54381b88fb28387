"""A local Spark Connect server that the studio starts, keeps warm, and stops."""
