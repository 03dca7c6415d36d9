"""What a load writes, and what is derived at its end."""
