"""Components that read and reshape tables."""
