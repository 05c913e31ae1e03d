"""What a model may call during evolution: the project's own tools, and ours."""
