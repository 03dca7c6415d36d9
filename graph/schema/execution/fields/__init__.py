"""Fields as the executors read them."""
