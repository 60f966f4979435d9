def user_stream(user_id: int | str) -> str:
    """The stream of what concerns one person; the only place where this name is spelled."""
    return f"user:{user_id}"
