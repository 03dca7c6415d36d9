"""Live results: what an operation returns, each time that the corpus changes it."""
