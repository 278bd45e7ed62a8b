"""Studies: what runs the engine many times and looks at what comes of it."""
