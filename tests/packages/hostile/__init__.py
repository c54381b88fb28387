"""Components that run whatever they are told, as a component of anybody could."""
